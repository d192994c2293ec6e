import { mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';

/**
 * Where this machine's queue lies: one for all repositories of a user, since they share the devices. It goes with a
 * reboot, as do the processes that wait in it. `LLMOPS_QUEUE` names another place, relative to the repository.
 */
export function queueFolder(repositoryFolder: string): string {
  const chosen = process.env.LLMOPS_QUEUE;
  if (chosen !== undefined && chosen !== '') return path.resolve(repositoryFolder, chosen);
  const own = process.env.XDG_RUNTIME_DIR;
  const folder = own === undefined ? path.join(tmpdir(), `llmops-${userInfo().username}`) : path.join(own, 'llmops');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return path.join(folder, 'queue');
}
