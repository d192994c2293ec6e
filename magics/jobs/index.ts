import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { withFileLock } from '../governance/file-lock.ts';
import { localFolder } from '../governance/local-folder.ts';
import { writeFileAtomic } from '../governance/write-file-atomic.ts';
import { cancelJob } from './cancel.ts';
import { jobNotFound, jobStillRunning, jobSucceeded, submissionBusy } from './errors.ts';
import { readEvents } from './events.ts';
import { type FinishedEvent, finishedStatus, followJob } from './follow.ts';
import { findWorker, isCancelled, jobFile, jobsFolder, readAttempt, readSpec } from './job-folder.ts';
import type { JobEvent, JobSpec, JobStatus } from './protocol.ts';
import { startWorker } from './start-worker.ts';

/** A job as its folder tells: any number of processes may hold one and follow it. */
export interface Job {
  readonly id: string;
  /** Absolute path of the job folder. */
  readonly folder: string;
  readonly spec: JobSpec;
  /** True when the same work was running or done already and nothing was started. */
  readonly reused: boolean;
  /** Gives all events, past and coming; resolves when the job finishes, rejects with Interrupted when `signal` aborts. */
  follow(onEvent?: (event: JobEvent) => void, options?: { signal?: AbortSignal }): Promise<FinishedEvent>;
  events(): Promise<JobEvent[]>;
  /** `lost`: the worker died without saying how the job ended. */
  status(): Promise<'running' | 'lost' | JobStatus>;
  /** Resolves when the worker is gone; what it has saved stays. */
  cancel(): Promise<void>;
}

export type { FinishedEvent } from './follow.ts';

/** What to submit: the spec without what submitting adds. */
export type JobRequest = Pick<JobSpec, 'kind' | 'title' | 'key' | 'payload' | 'device'>;

/**
 * Starts a detached worker for the request. The same key answers with the running or succeeded job; a failed, cancelled
 * or lost one is resumed in its folder. `fresh` starts over in a new folder.
 */
export async function submitJob(
  request: JobRequest,
  { folder, distFolder }: { folder: string; distFolder: string },
  { fresh = false }: { fresh?: boolean } = {},
): Promise<Job> {
  const keyFile = await keyFileOf(folder, request.key);
  return withKeyLock(keyFile, async () => {
    const earlier = fresh ? undefined : await jobOfKey(folder, keyFile);
    const status = await earlier?.status();
    if (earlier !== undefined && (status === 'running' || status === 'succeeded')) return { ...earlier, reused: true };
    const job = earlier ?? createJob(folder, await writeSpec(folder, request));
    await startWorker(job.folder, distFolder);
    await writeFileAtomic(keyFile, job.id);
    return job;
  });
}

/** The job of that id; a UserError names the ones there are. */
export async function openJob(repositoryFolder: string, id: string): Promise<Job> {
  const job = await findJob(repositoryFolder, id);
  if (job === undefined) throw jobNotFound(id, (await listJobs(repositoryFolder)).map((j) => j.id).slice(0, 20));
  return job;
}

/** All jobs of a repository, newest first. */
export async function listJobs(repositoryFolder: string): Promise<Job[]> {
  const ids = await readdir(jobsFolder(repositoryFolder)).catch(() => []);
  const jobs = await Promise.all(ids.map((id) => findJob(repositoryFolder, id)));
  return jobs
    .filter((job) => job !== undefined)
    .sort((a, b) => b.spec.createdAt.localeCompare(a.spec.createdAt) || b.id.localeCompare(a.id));
}

/** Starts a job that failed, was cancelled or got lost again, from its last checkpoint. */
export async function resumeJob(repositoryFolder: string, id: string, distFolder: string): Promise<Job> {
  const job = await openJob(repositoryFolder, id);
  const keyFile = await keyFileOf(repositoryFolder, job.spec.key);
  return withKeyLock(keyFile, async () => {
    const status = await job.status();
    if (status === 'running') throw jobStillRunning(id);
    if (status === 'succeeded') throw jobSucceeded(id);
    await startWorker(job.folder, distFolder);
    return job;
  });
}

function createJob(repositoryFolder: string, spec: JobSpec): Job {
  const folder = path.join(jobsFolder(repositoryFolder), spec.id);
  return {
    id: spec.id,
    folder,
    spec,
    reused: false,
    follow: (onEvent, { signal } = {}) => followJob(folder, onEvent, signal),
    events: () => readEvents(folder),
    status: () => readStatus(folder),
    cancel: () => cancelJob(folder),
  };
}

async function readStatus(jobFolder: string): Promise<'running' | 'lost' | JobStatus> {
  const isAlive = (await findWorker(jobFolder)) !== undefined;
  const finished = finishedStatus(await readEvents(jobFolder), await readAttempt(jobFolder));
  if (finished !== undefined) return finished;
  if (isAlive) return 'running';
  return (await isCancelled(jobFolder)) ? 'cancelled' : 'lost';
}

async function findJob(repositoryFolder: string, id: string): Promise<Job | undefined> {
  if (path.basename(id) !== id) return undefined;
  const spec = await readSpec(path.join(jobsFolder(repositoryFolder), id));
  return spec === undefined ? undefined : createJob(repositoryFolder, spec);
}

function withKeyLock<T>(keyFile: string, work: () => Promise<T>): Promise<T> {
  const lock = `${keyFile}.lock`;
  return withFileLock(lock, () => submissionBusy(lock), work);
}

/** The file that names the newest job of a key. */
async function keyFileOf(repositoryFolder: string, key: string): Promise<string> {
  const name = key.replace(/^sha256:/, '').replace(/[^\w.-]/g, '_');
  return path.join(await localFolder(repositoryFolder), 'job-keys', name);
}

async function jobOfKey(repositoryFolder: string, keyFile: string): Promise<Job | undefined> {
  const id = await readFile(keyFile, 'utf8').catch(() => undefined);
  return id === undefined ? undefined : findJob(repositoryFolder, id);
}

async function writeSpec(folder: string, request: JobRequest): Promise<JobSpec> {
  const createdAt = new Date().toISOString();
  const stamp = createdAt.replace(/\D/g, '').slice(0, 14);
  const id = `${request.kind}-${stamp}-${randomBytes(4).toString('hex')}`;
  const spec: JobSpec = { schemaVersion: 1, id, createdAt, folder, ...request };
  await writeFileAtomic(path.join(jobsFolder(folder), id, jobFile.spec), `${JSON.stringify(spec, null, 2)}\n`);
  return spec;
}
