import { isCancelled } from './job-folder.ts';
import type { JobSpec, NewJobEvent } from './protocol.ts';
import type { ExecutorName } from './resources.ts';

/** Where a job runs. */
export function executorName({ resources }: Pick<JobSpec, 'resources'>): ExecutorName {
  return resources?.executor ?? 'local';
}

/**
 * Whether a worker that was asked to end was asked by its cluster, which takes its place away (preemption, time limit, a
 * node that goes down, an administrator), and not by whoever cancels the job.
 */
export async function isStoppedByExecutor(jobFolder: string, spec: JobSpec): Promise<boolean> {
  return executorName(spec) !== 'local' && !(await isCancelled(jobFolder));
}

/** What the events of such a job end with; whether it is started again is the cluster's affair. */
export const stopMessage: NewJobEvent = {
  type: 'message',
  level: 'warning',
  text: 'Stopped by the cluster: preempted, at its time limit, or by hand. Started again, it goes on from its last checkpoint.',
};
