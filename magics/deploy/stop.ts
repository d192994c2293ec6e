import { suggestion, UserError } from '../errors.ts';
import { openStore } from '../governance/open-store.ts';
import { recordStop } from './record.ts';
import { newestServers } from './server-job.ts';

/** What stopping did. */
export interface Stopped {
  /** False when no server was running any more. */
  wasRunning: boolean;
  /** Commit that records the stop; absent when the record said so already. */
  commit?: string;
}

/** Ends a deployment's server and records that. Resolves when the process is gone. */
export async function stopDeployment(name: string, folder: string): Promise<Stopped> {
  const store = await openStore(folder);
  const servers = await newestServers(store.folder);
  const server = servers.get(name);
  const names = [...new Set([...(await store.names('deployment')), ...servers.keys()])];
  if (!names.includes(name)) throw deploymentNotFound(name, names);
  const wasRunning = server?.status === 'running';
  if (wasRunning) await server.job.cancel();
  return { wasRunning, commit: await recordStop(name, store) };
}

export function deploymentNotFound(name: string, available: readonly string[]): UserError {
  return new UserError(
    `Deployment "${name}" does not exist.${suggestion(name, available, 'Deployments')} Make one with: %deploy MODEL --as ${/^[\w.-]+$/.test(name) ? name : 'NAME'}`,
    { offending: name },
  );
}
