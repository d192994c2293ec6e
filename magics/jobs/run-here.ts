import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { writeWorkerFile } from './job-folder.ts';
import { listenForCancel } from './listen-for-cancel.ts';
import type { JobSpec, JobStatus } from './protocol.ts';
import { claimSlot } from './queue/claim.ts';
import type { Grant } from './queue/entry.ts';
import { hasLimits, supervise } from './supervise.ts';

/**
 * Runs a job on this machine: waits for its slot, then does `work` in this process, or in one that is watched when the
 * job has limits or may be started again.
 */
export async function runHere(jobFolder: string, spec: JobSpec, work: () => Promise<JobStatus>): Promise<JobStatus> {
  await writeWorkerFile(jobFolder, process.pid);
  const waiting = listenForCancel(jobFolder);
  const slot = await claimSlot(jobFolder, spec, waiting.signal).catch((error: unknown) => {
    if (waiting.signal.aborted) return 'cancelled' as const;
    throw error;
  });
  waiting.close();
  if (slot === 'cancelled') return slot;
  if (slot !== undefined) confineTo(slot.grant);
  try {
    return await (hasLimits(spec) ? supervise(jobFolder, spec) : work());
  } finally {
    slot?.release();
  }
}

/** Shows this process, and those that it starts, nothing but the GPUs and cores that they were granted. */
function confineTo({ gpus, cores }: Grant): void {
  if (gpus.length > 0) process.env.CUDA_VISIBLE_DEVICES = gpus.join(',');
  if (process.platform !== 'linux' || cores.length === 0 || cores.length >= availableParallelism()) return;
  try {
    execFileSync('taskset', ['--all-tasks', '--pid', '--cpu-list', cores.join(','), String(process.pid)]);
  } catch (error) {
    console.error('The cores that the job was granted could not be set:', error);
  }
}
