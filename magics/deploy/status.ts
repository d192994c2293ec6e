import { openStore } from '../governance/open-store.ts';
import type { DeploymentRecord } from '../governance/records.ts';
import { newestServers, type ServerJob } from './server-job.ts';
import { deploymentNotFound } from './stop.ts';

/** How a deployment is, as found out just now. */
export interface DeploymentStatus {
  readonly name: string;
  readonly model: string;
  readonly url: string | null;
  /** `lost`: the server ended without being stopped; `unreachable`: its process lives but does not answer. */
  readonly state: 'running' | 'starting' | 'unreachable' | 'stopped' | 'failed' | 'lost';
  /** What happened and what to do, when something is wrong. */
  readonly detail: string;
  readonly since: string;
}

/** The state of one deployment or of all, by their records, processes and health checks. */
export async function deploymentStatus(folder: string, name?: string): Promise<DeploymentStatus[]> {
  const store = await openStore(folder);
  const servers = await newestServers(store.folder);
  const records = new Map((await store.list('deployment')).map((record) => [record.name, record]));
  const names = [...new Set([...records.keys(), ...servers.keys()])].sort();
  if (name !== undefined && !names.includes(name)) throw deploymentNotFound(name, names);
  return Promise.all(
    (name === undefined ? names : [name]).map((one) => describe(one, records.get(one), servers.get(one))),
  );
}

async function describe(
  name: string,
  record: DeploymentRecord | undefined,
  server: ServerJob | undefined,
): Promise<DeploymentStatus> {
  const model = server?.payload.model ?? record?.model ?? '';
  const since = server?.job.spec.createdAt ?? record?.createdAt ?? '';
  const restart = `Start it again: %deploy ${model} --as ${name}`;
  const url = server?.ready?.url ?? null;
  const of = (state: DeploymentStatus['state'], detail = '') => ({ name, model, url, state, detail, since });
  switch (server?.status) {
    case 'running':
      if (url === null) return of('starting');
      return (await answers(url))
        ? of('running')
        : of('unreachable', `Its process lives but does not answer. Stop it: %deploy stop ${name}`);
    case 'lost':
      return of(
        'lost',
        `The server process ended without being stopped: it was killed, or ran out of memory. ${restart}`,
      );
    case 'failed':
      return of('failed', `${await lastError(server)} ${restart}`);
    case undefined:
      if (record?.status === 'running')
        return of('lost', `Its server ran elsewhere, or its job folder is gone. ${restart}`);
      return of('stopped');
    default:
      return of('stopped');
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(new URL('/health', url), { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

async function lastError({ job }: ServerJob): Promise<string> {
  const finished = (await job.events()).findLast((event) => event.type === 'finished');
  return finished?.error?.message ?? 'The server ended with an error.';
}
