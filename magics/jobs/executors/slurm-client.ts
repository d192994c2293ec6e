import { execFile } from 'node:child_process';
import { UserError } from '../../errors.ts';

/** An answer of Slurm's commands, or that its controller cannot be reached. */
export type SlurmAnswer = { readonly output: string } | { readonly refused: string } | { readonly unreachable: string };

/** The commands wait for a controller that is away; longer than this nobody else does. */
const answerLimitMs = 10_000;
const unreachable =
  /unable to contact slurm controller|connection refused|socket timed out|controller.*(?:down|backup)|communication/i;

/** Runs `sbatch`, `squeue` or `scancel`. A UserError says when Slurm is not installed. */
export function askSlurm(command: string, args: readonly string[], limitMs = answerLimitMs): Promise<SlurmAnswer> {
  return new Promise((resolve, reject) => {
    execFile(command, [...args], { timeout: limitMs, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      if (error === null) return resolve({ output: stdout.trim() });
      if (error.code === 'ENOENT') return reject(slurmMissing(command));
      const said = stderr.trim().replace(/^\w+: (?:error: )?/gm, '');
      if (error.killed === true || unreachable.test(stderr)) return resolve({ unreachable: said || 'no answer' });
      return resolve({ refused: said || error.message });
    });
  });
}

function slurmMissing(command: string): UserError {
  return new UserError(
    `"${command}" is not on the PATH, so no job can be given to Slurm from here. Log in to a machine of the cluster, or leave --executor out to run on this machine.`,
    { offending: 'slurm' },
  );
}
