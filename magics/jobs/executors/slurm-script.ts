import { jobFile } from '../job-folder.ts';
import type { JobSpec } from '../protocol.ts';
import { slurmTime } from '../resources.ts';
import { shellQuoted } from './shell-quoted.ts';

/** Slurm's options for a job, as `sbatch` takes them. Source: sbatch(1). */
export function sbatchOptions({ id, resources = {} }: JobSpec, jobFolder: string, log: string): string[] {
  const { gpus, cpus, memory, time, partition, account, qos, priority } = resources;
  const options: Record<string, string | number | undefined> = {
    'job-name': `llmops-${id}`,
    output: log,
    'open-mode': 'append',
    chdir: jobFolder,
    ntasks: 1,
    'cpus-per-task': cpus,
    gres: gpus === undefined || gpus === 0 ? undefined : `gpu:${gpus}`,
    mem: memory,
    time: time === undefined ? undefined : slurmTime(time),
    partition,
    account,
    qos,
    nice: priority === undefined ? undefined : -priority,
  };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return ['--requeue', ...given.map(([name, value]) => `--${name}=${value}`)];
}

/** The same for an array, which names the first job and writes each job's log itself. */
export function arrayOptions(specs: readonly JobSpec[], parallel?: number): string[] {
  const [first] = specs as [JobSpec];
  const own = /^--(job-name|output|open-mode|chdir)=/;
  const shared = sbatchOptions(first, '', '').filter((option) => !own.test(option));
  const limit = parallel === undefined ? '' : `%${parallel}`;
  const name = `llmops-${first.group ?? first.id}`;
  return [...shared, `--job-name=${name}`, '--output=/dev/null', `--array=0-${specs.length - 1}${limit}`];
}

/** The batch script: the worker takes the place of the shell, so that Slurm's signals reach it. */
export function batchScript(node: string, worker: string, jobFolder: string): string {
  return `#!/bin/sh\nexec ${[node, worker, jobFolder].map(shellQuoted).join(' ')}\n`;
}

/** The batch script of an array: each task takes the job folder of its number. */
export function arrayScript(node: string, worker: string, jobFolders: readonly string[]): string {
  return [
    '#!/bin/sh',
    `set -- ${jobFolders.map(shellQuoted).join(' ')}`,
    'shift "$SLURM_ARRAY_TASK_ID"',
    `cd "$1" && exec >>${jobFile.log} 2>&1 && exec ${[node, worker].map(shellQuoted).join(' ')} "$1"`,
    '',
  ].join('\n');
}
