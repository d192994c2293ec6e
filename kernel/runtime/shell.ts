import { spawn } from 'node:child_process';
import { UserError } from '../../magics/errors.ts';
import type { Interrupts } from './interrupts.ts';

/** Runs a command line in the notebook's folder; its output is the cell's, as it comes. */
export type Shell = (command: string) => Promise<void>;

/** `!command`: an interrupt stops the command and whatever it started. */
export function createShell(folder: string, interrupts: Interrupts): Shell {
  return (command) =>
    interrupts.track(
      new Promise((resolve, reject) => {
        const posix = process.platform !== 'win32';
        const child = spawn(command, { cwd: folder, shell: true, detached: posix, stdio: ['ignore', 'pipe', 'pipe'] });
        child.stdout.on('data', (data: Buffer) => process.stdout.write(data));
        child.stderr.on('data', (data: Buffer) => process.stderr.write(data));
        const { signal } = interrupts;
        const stop = () => (posix && child.pid !== undefined ? process.kill(-child.pid, 'SIGTERM') : child.kill());
        signal.addEventListener('abort', stop, { once: true });
        child.on('error', reject);
        child.on('close', (code, killedBy) => {
          signal.removeEventListener('abort', stop);
          if (signal.aborted) reject(signal.reason);
          else if (code === 0) resolve();
          else reject(commandFailed(command, code, killedBy));
        });
      }),
    );
}

function commandFailed(command: string, code: number | null, killedBy: string | null): UserError {
  const how = killedBy === null ? `exited with code ${code}` : `was ended by ${killedBy}`;
  return new UserError(`The command ${how}: ${command}`, { offending: command });
}
