import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { withFileLock } from '../governance/file-lock.ts';
import { localFolder } from '../governance/local-folder.ts';
import { writeFileAtomic } from '../governance/write-file-atomic.ts';
import { priceOf } from './cost.ts';
import { jobStillRunning, jobSucceeded, submissionBusy } from './errors.ts';
import { createJob, findJob, isLive, type Job, openJob } from './job.ts';
import { jobFile, jobsFolder } from './job-folder.ts';
import type { JobSpec } from './protocol.ts';
import { startAttempts } from './start-attempts.ts';

/** What to submit: the spec without what submitting adds. */
export type JobRequest = Pick<
  JobSpec,
  'kind' | 'title' | 'key' | 'payload' | 'device' | 'resources' | 'group' | 'record'
>;

/** The repository's folder, and the one that holds the worker. */
export interface JobPlace {
  readonly folder: string;
  readonly distFolder: string;
}

/**
 * Starts a detached worker for the request. The same key answers with the running or succeeded job; a failed, cancelled
 * or lost one is resumed in its folder. `fresh` starts over in a new folder.
 */
export async function submitJob(request: JobRequest, place: JobPlace, options: { fresh?: boolean } = {}): Promise<Job> {
  const [job] = await submitJobs([request], place, options);
  return job!;
}

/**
 * The same for several requests, in their order: where the executor can, they start as one, at most `parallel` of them
 * at the same time.
 */
export async function submitJobs(
  requests: readonly JobRequest[],
  place: JobPlace,
  { fresh = false, parallel }: { fresh?: boolean; parallel?: number } = {},
): Promise<Job[]> {
  const keyFiles = await Promise.all(requests.map(({ key }) => keyFileOf(place.folder, key)));
  const byKey = new Map(keyFiles.map((keyFile, i) => [keyFile, requests[i]!]));
  return withKeyLocks([...byKey.keys()], async () => {
    const jobs = new Map<string, Job>();
    for (const [keyFile, request] of byKey) jobs.set(keyFile, await jobFor(request, keyFile, place.folder, fresh));
    const toStart = [...jobs].filter(([, { reused }]) => !reused);
    await startAttempts(
      toStart.map(([, job]) => job),
      place.distFolder,
      parallel,
    );
    for (const [keyFile, { id }] of toStart) await writeFileAtomic(keyFile, id);
    return keyFiles.map((keyFile) => jobs.get(keyFile)!);
  });
}

/** Starts a job that failed, was cancelled or got lost again, from its last checkpoint. */
export async function resumeJob(repositoryFolder: string, id: string, distFolder: string): Promise<Job> {
  const job = await openJob(repositoryFolder, id);
  return withKeyLocks([await keyFileOf(repositoryFolder, job.spec.key)], async () => {
    const status = await job.status();
    if (isLive(status)) throw jobStillRunning(id);
    if (status === 'succeeded') throw jobSucceeded(id);
    await startAttempts([job], distFolder);
    return job;
  });
}

/** The job that answers the request, `reused` when nothing is to be started for it. */
async function jobFor(request: JobRequest, keyFile: string, folder: string, fresh: boolean): Promise<Job> {
  const earlier = fresh ? undefined : await jobOfKey(folder, keyFile);
  const status = await earlier?.status();
  if (earlier !== undefined && (isLive(status) || status === 'succeeded')) return { ...earlier, reused: true };
  const price = await priceOf({ ...request, folder });
  if (earlier === undefined) return createJob(folder, await writeSpec(folder, { ...request, price }));
  const spec: JobSpec = { ...earlier.spec, resources: request.resources, price };
  await saveSpec(folder, spec);
  return createJob(folder, spec);
}

/** Locks are taken in one order, so that two who want the same ones do not wait for each other. */
function withKeyLocks<T>(keyFiles: readonly string[], work: () => Promise<T>): Promise<T> {
  const [first, ...rest] = [...keyFiles].sort();
  if (first === undefined) return work();
  const lock = `${first}.lock`;
  return withFileLock(
    lock,
    () => submissionBusy(lock),
    () => withKeyLocks(rest, work),
  );
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

async function writeSpec(folder: string, request: JobRequest & Pick<JobSpec, 'price'>): Promise<JobSpec> {
  const createdAt = new Date().toISOString();
  const stamp = createdAt.replace(/\D/g, '').slice(0, 14);
  const id = `${request.kind}-${stamp}-${randomBytes(4).toString('hex')}`;
  const spec: JobSpec = { schemaVersion: 1, id, createdAt, folder, ...request };
  await saveSpec(folder, spec);
  return spec;
}

function saveSpec(folder: string, spec: JobSpec): Promise<void> {
  return writeFileAtomic(path.join(jobsFolder(folder), spec.id, jobFile.spec), `${JSON.stringify(spec, null, 2)}\n`);
}
