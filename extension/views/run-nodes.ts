import type { RunRecord } from '../../magics/governance/records.ts';
import type { RecordStore } from '../../magics/governance/store.ts';
import { formatDate, formatSeconds, headline } from './figures.ts';
import type { LiveJob } from './live-jobs.ts';
import type { TreeNode } from './tree-node.ts';

/** Jobs under way first, with their progress; then the recorded runs, newest first, grouped by the model they make. */
export async function runNodes(store: RecordStore, jobs: readonly LiveJob[]): Promise<TreeNode[]> {
  const runs = await store.list('run');
  runs.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  const groups = groupByModel(runs);
  const live = jobs.map((job) => jobNode(store.folder, job));
  return [...live, ...[...groups].map(([name, members], i) => groupNode(store, name, members, i === 0))];
}

function groupByModel(runs: readonly RunRecord[]): Map<string, RunRecord[]> {
  const groups = new Map<string, RunRecord[]>();
  for (const run of runs) groups.set(run.name, [...(groups.get(run.name) ?? []), run]);
  return groups;
}

function jobNode(folder: string, job: LiveJob): TreeNode {
  return {
    id: `job ${folder} ${job.id}`,
    label: job.title,
    description: job.line.replace(/ [█░]+/, ''),
    tooltip: `**${job.title}**\n\n${job.line}\n\nStarted ${formatDate(job.startedAt)}`,
    icon: 'sync~spin',
    color: 'charts.blue',
    context: 'job.running',
    target: { kind: 'job', folder, id: job.id },
  };
}

function groupNode(store: RecordStore, name: string, runs: readonly RunRecord[], isOpen: boolean): TreeNode {
  return {
    id: `runs ${store.folder} ${name}`,
    label: name,
    description: runs.length === 1 ? '1 run' : `${runs.length} runs`,
    icon: 'package',
    context: 'group',
    isOpen,
    children: async () => runs.map((run) => runNode(store.folder, run)),
  };
}

const looks = {
  succeeded: { icon: 'pass', color: 'charts.green' },
  failed: { icon: 'error', color: 'list.errorForeground' },
  cancelled: { icon: 'circle-slash', color: 'disabledForeground' },
} as const;

function runNode(folder: string, run: RunRecord): TreeNode {
  const result = run.status === 'succeeded' ? (run.model?.split('@')[1] ?? 'succeeded') : run.status;
  const facts = [headline(run.metrics), formatSeconds(run.seconds), formatDate(run.createdAt)];
  return {
    id: `run ${folder} ${run.id}`,
    label: result,
    description: facts.filter((fact) => fact !== undefined).join(' · '),
    tooltip: [`**${run.id}** ${run.status}`, run.reason ?? '', facts.filter(Boolean).join(' · ')]
      .filter(Boolean)
      .join('\n\n'),
    ...looks[run.status],
    context: `run.${run.status}`,
    target: { kind: 'run', folder, id: run.id, job: run.job },
  };
}
