import { readSpec } from '../job-folder.ts';
import type { JobSpec } from '../protocol.ts';
import type { ExecutorName } from '../resources.ts';
import type { Executor } from './executor.ts';
import { kubeflow } from './kubeflow.ts';
import { local } from './local.ts';
import { ray } from './ray.ts';
import { slurm } from './slurm.ts';

const executors: Record<ExecutorName, Executor> = {
  local,
  slurm,
  ray,
  kubeflow,
};

/** The executor that a job's specification names; the local one by default. */
export function executorOf(spec: Pick<JobSpec, 'resources'> | undefined): Executor {
  return executors[spec?.resources?.executor ?? 'local'];
}

/** Whether jobs with these resources can be started as one request, which holds to how many run at the same time. */
export function canStartTogether(resources: JobSpec['resources']): boolean {
  return executorOf({ resources }).startMany !== undefined;
}

/** Whether jobs with these resources wait for them at a cluster, and not for this machine. */
export function isElsewhere(resources: JobSpec['resources']): boolean {
  return executorOf({ resources }) !== local;
}

/** The executor of a job folder. */
export async function executorIn(jobFolder: string): Promise<Executor> {
  return executorOf(await readSpec(jobFolder));
}
