import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type Job, listJobs } from '../../magics/jobs/index.ts';
import { jobFile } from '../../magics/jobs/job-folder.ts';
import { progressLine } from '../../magics/jobs/progress.ts';

/** A job that is running now. */
export interface LiveJob {
  id: string;
  title: string;
  startedAt: string;
  fraction?: number;
  /** The whole line of progress: phase, bar, figures, times. */
  line: string;
}

/** Reads which jobs of a repository run now, newest first. Servers are no runs. */
export type LiveJobsReader = (repositoryFolder: string) => Promise<LiveJob[]>;

/** Remembers jobs that have ended, by the age of their event log, so that old ones cost nothing. */
export function createLiveJobsReader(now: () => number = Date.now): LiveJobsReader {
  const ended = new Map<string, number>();
  const read = async (job: Job): Promise<LiveJob | undefined> => {
    const changedAt = await changeTime(path.join(job.folder, jobFile.events));
    if (ended.get(job.folder) === changedAt) return undefined;
    const status = await job.status();
    if (status === 'queued') return { ...(await describe(job, now())), line: (await job.waiting()) ?? 'queued' };
    if (status === 'running') return describe(job, now());
    ended.set(job.folder, changedAt);
    return undefined;
  };
  return async (repositoryFolder) => {
    const jobs = (await listJobs(repositoryFolder)).filter((job) => job.spec.kind !== 'serve');
    const live = await Promise.all(jobs.map(read));
    return live.filter((job) => job !== undefined);
  };
}

async function describe(job: Job, now: number): Promise<LiveJob> {
  const events = await job.events();
  const started = events.findLast((event) => event.type === 'started');
  const progress = events.findLast((event) => event.type === 'progress');
  const startedAt = started?.time ?? job.spec.createdAt;
  const { title } = job.spec;
  if (progress === undefined) return { id: job.id, title, startedAt, line: 'starting' };
  const { text, fraction } = progressLine(progress, now - Date.parse(startedAt), started?.device);
  return { id: job.id, title, startedAt, fraction, line: text };
}

async function changeTime(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
}
