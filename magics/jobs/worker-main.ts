import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Interrupted, isUserError } from '../errors.ts';
import { kindUnknown } from './errors.ts';
import { createEventWriter, type EventWriter } from './events.ts';
import { jobFile, readAttempt, readSpec } from './job-folder.ts';
import type { JobHandler, JobSpec, JobStatus, NewJobEvent } from './protocol.ts';
import { writeWorkerFile } from './start-worker.ts';

type Finished = Extract<NewJobEvent, { type: 'finished' }>;

/**
 * Does a job's work in this process and writes its events; whatever happens short of SIGKILL, the last one is `finished`.
 * SIGTERM, SIGINT and the file `cancel` abort the handler's signal.
 */
export async function runJob(
  jobFolder: string,
  handlers: Partial<Record<JobSpec['kind'], () => Promise<JobHandler>>>,
): Promise<JobStatus> {
  await writeWorkerFile(jobFolder, process.pid);
  const spec = await readSpec(jobFolder);
  if (spec === undefined) throw new Error(`${jobFolder} has no ${jobFile.spec}`);
  const attempt = Math.max(1, await readAttempt(jobFolder));
  const events = createEventWriter(jobFolder);
  const cancellation = listenForCancel(jobFolder);
  const finish = finishOnce(events);
  process.once('uncaughtException', (error) => {
    console.error(error);
    finish(failure(error));
    process.exit(1);
  });
  process.once('exit', () => finish(failure(new Error('The worker ran out of work before the job was done.'))));

  events.append({ type: 'started', pid: process.pid, host: os.hostname(), device: spec.device, attempt });
  const { signal } = cancellation;
  const emit = (event: NewJobEvent) => events.append(event);
  const end = await work(handlers[spec.kind], { spec, jobFolder, attempt, emit, signal });
  cancellation.close();
  finish(end);
  return end.status;
}

async function work(
  load: (() => Promise<JobHandler>) | undefined,
  context: Parameters<JobHandler>[0],
): Promise<Finished> {
  try {
    if (load === undefined) throw kindUnknown(context.spec.kind);
    const result = toJson(await (await load())(context));
    return { type: 'finished', status: context.signal.aborted ? 'cancelled' : 'succeeded', result };
  } catch (error) {
    if (context.signal.aborted) return { type: 'finished', status: 'cancelled' };
    if (!isUserError(error)) console.error(error);
    return failure(error);
  }
}

function failure(error: unknown): Finished {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return {
    type: 'finished',
    status: 'failed',
    error: { name, message, stack: isUserError(error) ? undefined : stack },
  };
}

function finishOnce(events: EventWriter): (event: Finished) => void {
  let isFinished = false;
  return (event) => {
    if (isFinished) return;
    isFinished = true;
    events.append(event);
    events.close();
  };
}

function toJson(value: unknown): Finished['result'] {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as Finished['result']);
}

/** Aborts on signals, and on the file `cancel` for cancellers that cannot send one (another host, Windows). */
function listenForCancel(jobFolder: string): { signal: AbortSignal; close(): void } {
  const controller = new AbortController();
  const abort = () => controller.abort(new Interrupted('The job was cancelled.'));
  process.on('SIGTERM', abort);
  process.on('SIGINT', abort);
  const timer = setInterval(() => {
    if (existsSync(path.join(jobFolder, jobFile.cancel))) abort();
  }, 500).unref();
  return {
    signal: controller.signal,
    close() {
      clearInterval(timer);
      process.off('SIGTERM', abort);
      process.off('SIGINT', abort);
    },
  };
}
