import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Ends the child process that this one started last, and all that it started: a thread that waits for a child
 * (`spawnSync`) cannot have started another since. Detached children, such as jobs, are left alone. Does nothing on Windows.
 * False when there was none.
 */
export function stopNewestChild(): boolean {
  const ourGroup = statusOf(process.pid).group;
  const attached = childrenOf(process.pid).filter((pid) => statusOf(pid).group === ourGroup);
  const newest = attached.sort((a, b) => statusOf(a).startedAt - statusOf(b).startedAt).at(-1);
  if (newest === undefined) return false;
  for (const pid of [newest, ...descendantsOf(newest)]) {
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      // It has ended in the meantime.
    }
  }
  return true;
}

function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

/** Child processes that the main thread of `pid` started; elsewhere than on Linux only the newest of them. */
function childrenOf(pid: number): number[] {
  if (process.platform === 'win32') return [];
  try {
    const text =
      process.platform === 'linux'
        ? readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
        : execFileSync('pgrep', ['-n', '-g', '0', '-P', String(pid)], { encoding: 'utf8' });
    return text.split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** A process's group, and when it started on a clock of the system's own; zeros elsewhere than on Linux. */
function statusOf(pid: number): { group: number; startedAt: number } {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return { group: Number(afterName[2]), startedAt: Number(afterName[19]) };
  } catch {
    return { group: 0, startedAt: 0 };
  }
}
