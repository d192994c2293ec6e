import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { writeFileAtomic } from '../../governance/write-file-atomic.ts';
import { hasHeartbeat, silentSince } from '../heartbeat.ts';
import { jobFile } from '../job-folder.ts';
import type { Executor, ExecutorState } from './executor.ts';
import { recentStates } from './recent-states.ts';
import { askSlurm } from './slurm-client.ts';
import { askQueue } from './slurm-queue.ts';
import { arrayOptions, arrayScript, batchScript, sbatchOptions } from './slurm-script.ts';
import { workerProgram } from './worker-program.ts';

const executorFile = z.object({ slurmJob: z.string() });

const waiting = new Set(['PENDING', 'REQUEUED', 'REQUEUE_HOLD', 'REQUEUE_FED', 'SPECIAL_EXIT', 'RESV_DEL_HOLD']);
const working = new Set([
  'RUNNING',
  'CONFIGURING',
  'COMPLETING',
  'SUSPENDED',
  'STOPPED',
  'SIGNALING',
  'STAGE_OUT',
  'RESIZING',
]);

/** What Slurm's end states mean for the person who waits. Source: squeue(1), "JOB STATE CODES". */
const ends: Record<string, string> = {
  TIMEOUT: 'it reached its time limit; ask for more with --time',
  OUT_OF_MEMORY: 'it needed more memory than was asked for; ask for more with --memory',
  NODE_FAIL: 'its node failed',
  BOOT_FAIL: 'its node did not boot',
  PREEMPTED: 'a job of higher priority took its place',
  DEADLINE: 'its deadline passed',
  CANCELLED: 'it was cancelled through Slurm',
  FAILED: 'its worker ended without a result',
};

/**
 * A Slurm cluster that shares the repository's file system. Jobs are requeued when their node fails or they are
 * preempted, and go on from their last checkpoint. What Slurm has forgotten, the job folder still knows.
 */
export const slurm: Executor = {
  name: 'slurm',
  async start(jobFolder, spec, distFolder) {
    const script = path.join(jobFolder, 'batch.sh');
    await writeFileAtomic(script, batchScript(process.execPath, workerProgram(distFolder), jobFolder));
    const job = await sbatch([...sbatchOptions(spec, jobFolder, path.join(jobFolder, jobFile.log)), script]);
    await keepSlurmJob(jobFolder, job);
  },
  async startMany(jobs, distFolder, parallel) {
    const folders = jobs.map(({ folder }) => folder);
    const script = path.join(folders[0]!, 'batch.sh');
    await writeFileAtomic(script, arrayScript(process.execPath, workerProgram(distFolder), folders));
    const options = arrayOptions(
      jobs.map(({ spec }) => spec),
      parallel,
    );
    const array = await sbatch([...options, script]);
    await Promise.all(folders.map((folder, i) => keepSlurmJob(folder, `${array}_${i}`)));
  },
  state: (jobFolder) => states.of(jobFolder),
  async stop(jobFolder, force) {
    const job = await slurmJobOf(jobFolder);
    if (job === undefined) return;
    await askSlurm('scancel', force ? ['--signal=KILL', '--full', job] : [job]);
    states.forget(jobFolder);
  },
};

const states = recentStates(2_000, askState);

/** Submits, and gives Slurm's number of the job. */
async function sbatch(args: readonly string[]): Promise<string> {
  const answer = await askSlurm('sbatch', ['--parsable', ...args], 60_000);
  if (!('output' in answer)) throw notSubmitted('refused' in answer ? answer.refused : answer.unreachable);
  return answer.output.split(';')[0]!;
}

async function keepSlurmJob(jobFolder: string, slurmJob: string): Promise<void> {
  states.forget(jobFolder);
  await writeFileAtomic(path.join(jobFolder, jobFile.executor), JSON.stringify({ slurmJob }));
}

async function askState(jobFolder: string): Promise<ExecutorState> {
  const job = await slurmJobOf(jobFolder);
  if (job === undefined) return { state: 'gone', reason: 'it was never given to Slurm' };
  const answer = await askQueue(job);
  if ('unreachable' in answer) return { state: 'unknown', reason: `Slurm does not answer: ${answer.unreachable}` };
  // Slurm has forgotten the job. It has ended, unless its controller has lost more than that.
  if (answer.known === undefined) return { state: hasHeartbeat(jobFolder) ? 'running' : 'gone' };
  const { name, reason, startedAtMs } = answer.known;
  if (waiting.has(name)) return { state: 'queued', reason: reason === 'None' ? undefined : reason };
  const since = name === 'RUNNING' ? silentSince(jobFolder, startedAtMs) : undefined;
  if (since !== undefined) return { state: 'unknown', reason: silent(job, path.basename(jobFolder), since) };
  if (working.has(name)) return { state: 'running' };
  const why = ends[name];
  return { state: 'gone', reason: why === undefined ? undefined : `Slurm ended job ${job} (${name}): ${why}` };
}

async function slurmJobOf(jobFolder: string): Promise<string | undefined> {
  const text = await readFile(path.join(jobFolder, jobFile.executor), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : executorFile.parse(JSON.parse(text)).slurmJob;
}

/** Slurm may take a job for running whose processes were lost with a node that was back too soon to be missed. */
function silent(slurmJob: string, id: string, since: Date): string {
  const minutes = Math.round((Date.now() - since.getTime()) / 60_000);
  return (
    `Slurm says that job ${slurmJob} runs, but its last sign of life is of ${since.toISOString()}, ${minutes} minutes ago. ` +
    `See its node with: scontrol show job ${slurmJob}. If it is lost: llmops jobs cancel ${id}, then llmops jobs resume ${id} goes on from its last checkpoint`
  );
}

function notSubmitted(reason: string): UserError {
  return new UserError(`Slurm did not take the job: ${reason}. See what there is with: sinfo`, { offending: 'slurm' });
}
