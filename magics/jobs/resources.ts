import { z } from 'zod';
import { UserError } from '../errors.ts';

/** What a job asks of the place where it runs: options of every verb that starts one. Names are Slurm's where it has one. */
export const resourceOptions = {
  executor: z
    .enum(['local', 'slurm', 'ray', 'kubeflow'])
    .optional()
    .describe(
      'where the job runs: this machine (default), a Slurm cluster, a Ray cluster, or Kubernetes with Kubeflow',
    ),
  gpus: z.int().nonnegative().optional().describe('GPUs of the job; it waits until they are free'),
  cpus: z.int().positive().optional().describe('CPU cores; on this machine a training takes all by default'),
  memory: z
    .string()
    .regex(/^\d+[KMGT]?$/, 'expected a number with K, M, G or T, for example 16G')
    .optional()
    .describe('most memory, for example 16G'),
  time: z
    .string()
    .regex(/^(\d+[smhd]|(\d+-)?\d+(:\d+){0,2})$/, 'expected a duration, for example 30m, 4h, 2d or 1-12:00:00')
    .optional()
    .describe('time limit, for example 4h'),
  priority: z.int().min(-1000).max(1000).optional().describe('jobs of a higher one start first; default 0'),
  retry: z.int().nonnegative().max(100).optional().describe('how often a job that crashed is started again'),
  partition: z.string().optional().describe("Slurm's partition"),
  account: z.string().optional().describe("Slurm's account"),
  qos: z.string().optional().describe("Slurm's quality of service"),
};

/** The part of a job's specification that says where it runs; it takes no part in the job's key. */
export const jobResources = z.strictObject(resourceOptions);
export type JobResources = z.output<typeof jobResources>;

/** A place where jobs run. */
export type ExecutorName = NonNullable<JobResources['executor']>;

/** What a place does not hand out, with the reason and the way out. */
const refusals: Record<ExecutorName, Partial<Record<keyof JobResources, string>>> = {
  local: slurmOnly('this job runs on this machine'),
  slurm: { retry: 'Slurm itself starts a job again when its node fails or it is preempted: leave "retry" out.' },
  ray: { ...slurmOnly('this job runs on Ray'), priority: 'Ray knows no priorities: leave "priority" out.' },
  kubeflow: {
    ...slurmOnly('this job runs on Kubernetes'),
    priority: 'On Kubernetes priorities are those of the training runtime: leave "priority" out.',
    retry: 'Kubernetes itself starts a worker again that crashed or lost its node: leave "retry" out.',
  },
};

/** The resources among the options of a verb. A UserError names one that the place does not hand out. */
export function resourcesOf(options: JobResources): JobResources {
  const isResource = ([name, value]: [string, unknown]) => name in resourceOptions && value !== undefined;
  const resources = jobResources.parse(Object.fromEntries(Object.entries(options).filter(isResource)));
  const refused = refusals[resources.executor ?? 'local'];
  for (const name of Object.keys(resources) as (keyof JobResources)[]) {
    const reason = refused[name];
    if (reason !== undefined) throw notHandedOut(name, reason);
  }
  return resources;
}

function notHandedOut(option: string, reason: string): UserError {
  return new UserError(reason, { offending: option });
}

function slurmOnly(instead: string): Partial<Record<keyof JobResources, string>> {
  const reason = (option: string) =>
    `"${option}" asks a Slurm cluster for resources, and ${instead}. Add "executor: slurm" (--executor slurm), or leave "${option}" out.`;
  return { partition: reason('partition'), account: reason('account'), qos: reason('qos') };
}

/** Bytes of `16G`; Slurm's unit without a letter is megabytes. */
export function memoryBytes(memory: string): number {
  const [, number, unit = 'M'] = /^(\d+)([KMGT]?)$/.exec(memory)!;
  return Number(number) * 1024 ** ('KMGT'.indexOf(unit || 'M') + 1);
}

/** Seconds of `4h`, or of a duration in Slurm's words: minutes, m:s, h:m:s, d-h, d-h:m, d-h:m:s. Source: sbatch(1). */
export function timeSeconds(time: string): number {
  const simple = /^(\d+)([smhd])$/.exec(time);
  if (simple !== null) return Number(simple[1]) * unitSeconds[simple[2] as keyof typeof unitSeconds];
  const [days, clock] = time.includes('-') ? time.split('-') : [undefined, time];
  const [a = 0, b = 0, c = 0] = clock!.split(':').map(Number);
  const fields = clock!.split(':').length;
  if (days !== undefined) return Number(days) * 86_400 + a * 3600 + b * 60 + c;
  return fields === 3 ? a * 3600 + b * 60 + c : a * 60 + b;
}

const unitSeconds = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `4h` in Slurm's words: `04:00:00`. Durations in Slurm's words stay as they are. */
export function slurmTime(time: string): string {
  const simple = /^(\d+)([smhd])$/.exec(time);
  if (simple === null) return time;
  const seconds = timeSeconds(time);
  const pad = (n: number) => String(n).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const clock = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60].map(pad).join(':');
  return days === 0 ? clock : `${days}-${clock}`;
}
