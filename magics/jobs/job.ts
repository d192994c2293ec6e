import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { cancelJob } from './cancel.ts';
import { costOf, type JobCost } from './cost.ts';
import { jobNotFound } from './errors.ts';
import { readEvents } from './events.ts';
import { executorOf } from './executors/index.ts';
import { readFinishedStatus } from './finished-status.ts';
import { type FinishedEvent, followJob, waitingText } from './follow.ts';
import { isCancelled, jobsFolder, readSpec } from './job-folder.ts';
import type { JobEvent, JobSpec, JobStatus } from './protocol.ts';

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
  status(): Promise<LiveStatus | JobStatus>;
  /** `queued: 2 before it`: why the job does not run yet; undefined when it runs or has ended. */
  waiting(): Promise<string | undefined>;
  /** What it has cost until now; undefined where the settings name no price. */
  cost(): Promise<JobCost | undefined>;
  /** Resolves when the worker is gone; what it has saved stays. */
  cancel(): Promise<void>;
}

/** `lost`: the worker died without saying how the job ended. */
export type LiveStatus = 'queued' | 'running' | 'lost';

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

/** The job of that id; undefined where there is none. */
export async function findJob(repositoryFolder: string, id: string): Promise<Job | undefined> {
  if (path.basename(id) !== id) return undefined;
  const spec = await readSpec(path.join(jobsFolder(repositoryFolder), id));
  return spec === undefined ? undefined : createJob(repositoryFolder, spec);
}

/** The job of a specification, whose folder is there. */
export function createJob(repositoryFolder: string, spec: JobSpec): Job {
  const folder = path.join(jobsFolder(repositoryFolder), spec.id);
  return {
    id: spec.id,
    folder,
    spec,
    reused: false,
    follow: (onEvent, { signal } = {}) => followJob(folder, spec, onEvent, signal),
    events: () => readEvents(folder),
    status: () => readStatus(folder, spec),
    waiting: async () => waitingText(await executorOf(spec).state(folder)),
    cost: async () => (spec.price === undefined ? undefined : readCost(folder, spec)),
    cancel: () => cancelJob(folder),
  };
}

/** Whether somebody works on the job, or it waits for that. */
export function isLive(status: LiveStatus | JobStatus | undefined): boolean {
  return status === 'running' || status === 'queued';
}

async function readCost(jobFolder: string, spec: JobSpec): Promise<JobCost | undefined> {
  const isAtWork = isLive(await readStatus(jobFolder, spec));
  return costOf(spec, await readEvents(jobFolder), isAtWork ? Date.now() : undefined);
}

async function readStatus(jobFolder: string, spec: JobSpec): Promise<LiveStatus | JobStatus> {
  const finished = await readFinishedStatus(jobFolder);
  if (finished !== undefined) return finished;
  const { state } = await executorOf(spec).state(jobFolder);
  if (state === 'queued') return 'queued';
  if (state !== 'gone') return 'running';
  // It may have finished since its events were read.
  return (await readFinishedStatus(jobFolder)) ?? ((await isCancelled(jobFolder)) ? 'cancelled' : 'lost');
}
