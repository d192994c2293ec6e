import { spawn } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';

/** Said of a kernel that ended without being asked to: by the next one, and on stderr. */
export const farewell =
  'The kernel process ended before it was asked to: native code crashed, the system ended it for lack of memory, ' +
  'or it was killed. Its variables are gone; records and jobs are safe.\n';

export interface Watch {
  /** The kernel before this one, which a client had started with the same connection file, ended without being asked to. */
  readonly lastOneCrashed: boolean;
  /** To be called before an end that was asked for. */
  release(): void;
}

/**
 * Sees to it that a crash is told, which a process cannot do for itself: a mark beside the connection file is for the kernel
 * that the client starts next, and a shell that waits for this process writes to its stderr (not on Windows).
 */
export function watchOver(connectionFile: string): Watch {
  const mark = `${connectionFile}.running`;
  const lastOneCrashed = existsSync(mark);
  try {
    writeFileSync(mark, '');
  } catch {
    // Nothing can be kept there, so nothing can be told.
    return { lastOneCrashed: false, release: () => undefined };
  }
  if (process.platform !== 'win32') startWatcher(mark);
  return { lastOneCrashed, release: () => rmSync(mark, { force: true }) };
}

/** Its stdin ends when this process does, in whatever way. */
function startWatcher(mark: string): void {
  const script = 'read -r nothing; if [ -e "$1" ]; then printf %s "$2" >&2; fi';
  const args = ['-c', script, 'llmops-watch', mark, farewell];
  const watcher = spawn('/bin/sh', args, { detached: true, stdio: ['pipe', 'ignore', 'inherit'] });
  // Without a shell crashes go untold.
  watcher.on('error', () => undefined);
  watcher.unref();
}
