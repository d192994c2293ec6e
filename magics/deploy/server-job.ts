import { UserError } from '../errors.ts';
import type { FinishedEvent, Job } from '../jobs/index.ts';
import { listJobs } from '../jobs/index.ts';
import type { JobEvent } from '../jobs/protocol.ts';
import { type ServePayload, type ServerReady, servePayload, serverReady } from './payload.ts';

/** A server process of a deployment. */
export interface ServerJob {
  readonly job: Job;
  readonly payload: ServePayload;
  /** Where it listens, or listened; absent while it starts. */
  readonly ready?: ServerReady;
  readonly status: Awaited<ReturnType<Job['status']>>;
}

/** The newest server process of each deployment of a repository. */
export async function newestServers(folder: string): Promise<Map<string, ServerJob>> {
  const servers = new Map<string, ServerJob>();
  for (const job of await listJobs(folder)) {
    if (job.spec.kind !== 'serve') continue;
    const payload = servePayload.parse(job.spec.payload);
    if (servers.has(payload.name)) continue;
    const events = await job.events();
    servers.set(payload.name, {
      job,
      payload,
      ready: events.map(readyOf).findLast(Boolean),
      status: await job.status(),
    });
  }
  return servers;
}

/** Waits until a new server listens. Rejects with its reason when it ends instead, and when the signal is aborted. */
export async function waitUntilReady(job: Job, signal: AbortSignal): Promise<ServerReady> {
  const done = new AbortController();
  let ready: ServerReady | undefined;
  const onEvent = (event: JobEvent) => {
    ready ??= readyOf(event);
    if (ready !== undefined) done.abort();
  };
  try {
    const finished = await job.follow(onEvent, { signal: AbortSignal.any([signal, done.signal]) });
    throw serverDidNotStart(job.spec.title, finished);
  } catch (error) {
    if (ready === undefined || signal.aborted) throw error;
    return ready;
  }
}

function readyOf(event: JobEvent): ServerReady | undefined {
  return event.type === 'ready' ? serverReady.parse(event.payload) : undefined;
}

function serverDidNotStart(title: string, { error }: FinishedEvent): Error {
  if (error?.name === 'UserError') return new UserError(error.message);
  const failure = new Error(`Failed to ${title}: ${error?.message ?? 'the server ended before it listened'}`);
  if (error?.stack !== undefined) failure.stack = error.stack;
  return failure;
}
