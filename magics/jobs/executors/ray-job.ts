import { z } from 'zod';
import { exitReason } from '../exit-reason.ts';
import { jobFile } from '../job-folder.ts';
import type { JobSpec } from '../protocol.ts';
import { memoryBytes } from '../resources.ts';
import type { ExecutorState } from './executor.ts';
import { shellQuoted } from './shell-quoted.ts';

/** What Ray tells of a job, as far as it matters here. Source: JobDetails in Ray's Jobs REST API. */
export const rayJob = z.object({
  status: z.enum(['PENDING', 'RUNNING', 'STOPPED', 'SUCCEEDED', 'FAILED']),
  message: z.string().nullish(),
  error_type: z.string().nullish(),
  driver_exit_code: z.int().nullish(),
});
export type RayJob = z.output<typeof rayJob>;

/** Time that a worker has to save its work when Ray stops it, before Ray kills it. */
const graceSeconds = 10;
const signalNames: Readonly<Record<number, string>> = {
  [-4]: 'SIGILL',
  [-6]: 'SIGABRT',
  [-7]: 'SIGBUS',
  [-8]: 'SIGFPE',
  [-9]: 'SIGKILL',
  [-11]: 'SIGSEGV',
  [-15]: 'SIGTERM',
};

/** The file whose presence keeps a submission that still waits from starting. */
export function withdrawnFile(submission: string): string {
  return `withdrawn-${submission}`;
}

/**
 * The request that starts a job, as Ray takes it. A job that asks for no cores takes one, as on Slurm. Ray appends the
 * log of a node to nothing that the others see: the worker writes the job folder's itself.
 */
export function rayRequest(
  { id, title, resources = {} }: JobSpec,
  { submission, jobFolder, node, worker }: { submission: string; jobFolder: string; node: string; worker: string },
): Record<string, unknown> {
  const command = [node, worker, jobFolder].map(shellQuoted).join(' ');
  return {
    submission_id: submission,
    entrypoint: `cd ${shellQuoted(jobFolder)} && test ! -e ${withdrawnFile(submission)} && exec ${command} >>${jobFile.log} 2>&1`,
    entrypoint_num_cpus: resources.cpus ?? 1,
    entrypoint_num_gpus: resources.gpus,
    entrypoint_memory: resources.memory === undefined ? undefined : memoryBytes(resources.memory),
    runtime_env: { env_vars: { RAY_JOB_STOP_WAIT_TIME_S: String(graceSeconds) } },
    metadata: { name: title, llmops_job: id },
  };
}

/** Ray's word on a job as its state; whoever waits reads how it ended in the job folder first. */
export function stateOf(submission: string, job: RayJob): ExecutorState {
  if (job.status === 'PENDING') return { state: 'queued', reason: job.message ?? undefined };
  if (job.status === 'RUNNING') return { state: 'running' };
  return { state: 'gone', reason: `Ray ended job ${submission} (${job.status}): ${whyEnded(job)}` };
}

/** What an end without a result means for the person who waits. */
function whyEnded({ status, message, error_type: type, driver_exit_code: code }: RayJob): string {
  if (status === 'STOPPED') return 'it was stopped through Ray';
  if (type === 'JOB_SUPERVISOR_ACTOR_START_TIMEOUT')
    return 'it waited too long for what it asks for; ask for less, or raise RAY_JOB_START_TIMEOUT_SECONDS where Ray’s head runs';
  if (type === 'JOB_SUPERVISOR_ACTOR_DIED') return 'its node failed';
  if (typeof code !== 'number') return message?.trim().slice(0, 500) || 'its worker ended without a result';
  const signal = signalNames[code] ?? (code < 0 ? `signal ${-code}` : null);
  const ended = `its worker ${exitReason({ code, signal, log: message ?? '' })}`;
  const said = (message ?? '').split('\n').find((line) => /^\/bin\/sh:/.test(line));
  return said === undefined ? ended : `${ended} (${said})`;
}
