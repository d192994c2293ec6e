import { formatCost, type Job, type LiveStatus, listJobs } from '../../magics/jobs/index.ts';
import { progressLine } from '../../magics/jobs/progress.ts';
import type { JobStatus } from '../../magics/jobs/protocol.ts';
import { formatDate } from './figures.ts';
import type { TreeNode } from './tree-node.ts';

/** Older jobs are left to `llmops jobs`. */
const shownJobs = 100;

const looks: Record<LiveStatus | JobStatus, { icon: string; color?: string; context: string }> = {
  queued: { icon: 'clock', color: 'charts.yellow', context: 'job.running' },
  running: { icon: 'sync~spin', color: 'charts.blue', context: 'job.running' },
  succeeded: { icon: 'pass', color: 'charts.green', context: 'job.succeeded' },
  failed: { icon: 'error', color: 'list.errorForeground', context: 'job.stopped' },
  cancelled: { icon: 'circle-slash', color: 'disabledForeground', context: 'job.stopped' },
  lost: { icon: 'debug-disconnect', color: 'list.errorForeground', context: 'job.stopped' },
};

/** The jobs of a repository, newest first: what they do, how far they are, where they run. */
export async function jobNodes(repositoryFolder: string, now: () => number = Date.now): Promise<TreeNode[]> {
  const jobs = (await listJobs(repositoryFolder)).slice(0, shownJobs);
  return Promise.all(jobs.map((job) => jobNode(repositoryFolder, job, now())));
}

async function jobNode(folder: string, job: Job, now: number): Promise<TreeNode> {
  const status = await job.status();
  const { title, createdAt, resources } = job.spec;
  const place = resources?.executor ?? 'this machine';
  const line =
    status === 'running' ? await progressOf(job, now) : status === 'queued' ? await job.waiting() : undefined;
  const cost = await job.cost();
  const facts = [
    line ?? status,
    ...(place === 'this machine' ? [] : [place]),
    ...(cost === undefined ? [] : [formatCost(cost)]),
    ...(line ? [] : [formatDate(createdAt)]),
  ];
  return {
    id: `jobs ${folder} ${job.id}`,
    label: title,
    description: facts.join(' · '),
    tooltip: [`**${title}** ${status}`, line, `On ${place}, since ${formatDate(createdAt)}`, job.id]
      .filter(Boolean)
      .join('\n\n'),
    ...looks[status],
    target: { kind: 'job', folder, id: job.id },
  };
}

async function progressOf(job: Job, now: number): Promise<string> {
  const events = await job.events();
  const started = events.findLast((event) => event.type === 'started');
  const progress = events.findLast((event) => event.type === 'progress');
  if (progress === undefined || started === undefined) return 'starting';
  return progressLine(progress, now - Date.parse(started.time), started.device).text.replace(/ [█░]+/, '');
}
