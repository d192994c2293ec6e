import { spawn } from 'node:child_process';
import { UserError } from '../../magics/errors.ts';
import type { Interrupts } from './interrupts.ts';

/** Runs commands in the notebook's folder; their output is the cell's, as it comes. An interrupt stops them and whatever they started. */
export interface Shell {
  /** `!command`, by the system's shell. */
  run(command: string): Promise<void>;
  /** `%%bash` and `%%sh`: the lines are the named shell's input. */
  script(shell: string, lines: string): Promise<void>;
}

interface Command {
  readonly file: string;
  readonly input?: string;
  readonly shell: boolean;
  /** What to call it in an error. */
  readonly title: string;
}

export function createShell(folder: string, interrupts: Interrupts): Shell {
  function execute({ file, input, shell, title }: Command): Promise<void> {
    return new Promise((resolve, reject) => {
      const posix = process.platform !== 'win32';
      const child = spawn(file, { cwd: folder, shell, detached: posix, stdio: ['pipe', 'pipe', 'pipe'] });
      child.stdin.on('error', () => {});
      child.stdin.end(input);
      child.stdout.on('data', (data: Buffer) => process.stdout.write(data));
      child.stderr.on('data', (data: Buffer) => process.stderr.write(data));
      const { signal } = interrupts;
      const stop = () => (posix && child.pid !== undefined ? process.kill(-child.pid, 'SIGTERM') : child.kill());
      signal.addEventListener('abort', stop, { once: true });
      process.once('exit', stop);
      child.on('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ENOENT' ? shellMissing(file) : error));
      child.on('close', (code, killedBy) => {
        signal.removeEventListener('abort', stop);
        process.off('exit', stop);
        if (signal.aborted) reject(signal.reason);
        else if (code === 0) resolve();
        else reject(commandFailed(title, code, killedBy));
      });
    });
  }

  return {
    run: (command) => interrupts.track(execute({ file: command, shell: true, title: command })),
    script: (shell, lines) =>
      interrupts.track(execute({ file: shell, input: lines, shell: false, title: `%%${shell}` })),
  };
}

function commandFailed(command: string, code: number | null, killedBy: string | null): UserError {
  const how = killedBy === null ? `exited with code ${code}` : `was ended by ${killedBy}`;
  return new UserError(`The command ${how}: ${command}`, { offending: command });
}

function shellMissing(shell: string): UserError {
  return new UserError(
    `There is no "${shell}" on the PATH. Put the lines into a file and run it with !, or install it.`,
    {
      offending: shell,
    },
  );
}
