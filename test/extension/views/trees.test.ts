import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { jobNodes } from '../../../extension/views/job-nodes.ts';
import { createLiveJobsReader } from '../../../extension/views/live-jobs.ts';
import { modelNodes } from '../../../extension/views/model-nodes.ts';
import { recordPage } from '../../../extension/views/open-record.ts';
import { runChart } from '../../../extension/views/run-chart.ts';
import { runNodes } from '../../../extension/views/run-nodes.ts';
import type { TreeNode } from '../../../extension/views/tree-node.ts';
import { openStore } from '../../../magics/governance/open-store.ts';
import { processStartTime } from '../../../magics/governance/process-start-time.ts';
import type { RecordStore } from '../../../magics/governance/store.ts';
import { makeSampleRepository } from '../../e2e/vscode/sample-repository.ts';

const labels = (nodes: readonly TreeNode[]) => nodes.map(({ label, description }) => `${label}: ${description}`);
const year = new Date().getFullYear() === 2026 ? '' : ' 2026';

describe('the trees of a repository', () => {
  let store: RecordStore;
  beforeAll(async () => {
    store = await openStore(await makeSampleRepository());
  });

  it('list models by name, and their versions with metric, stage and date, newest first', async () => {
    const models = await modelNodes(store);
    expect(labels(models)).toEqual(['cron-lora: v1.0.0', 'triage: v1.1.0']);
    const versions = await models[1]!.children!();
    expect(labels(versions)).toEqual([
      `v1.1.0: 90.6% exact match · production · 3 March${year}`,
      `v1.0.0: 84.2% exact match · 2 March${year}`,
    ]);
    expect(versions[0]).toMatchObject({ icon: 'verified-filled', color: 'charts.green', context: 'version' });
    expect(versions[0]!.tooltip).toContain('90.6% [88.7, 92.3]');
  });

  it('group runs by model, the model with the newest run first', async () => {
    const groups = await runNodes(store, []);
    expect(labels(groups)).toEqual(['triage: 3 runs', 'cron-lora: 1 run']);
    expect(groups.map((group) => group.isOpen)).toEqual([true, false]);
    const runs = await groups[0]!.children!();
    expect(runs.map((run) => `${run.label} ${run.context}`)).toEqual([
      'failed run.failed',
      'v1.1.0 run.succeeded',
      'v1.0.0 run.succeeded',
    ]);
    expect(runs[0]!.tooltip).toContain('The loss became NaN at step 12.');
  });

  it('open a version as a page with metrics, evaluation, inputs and files, and nothing that runs', async () => {
    const page = await recordPage(
      { kind: 'version', folder: store.folder, name: 'cron-lora', ref: 'cron-lora@v1.0.0' },
      runChart,
    );
    for (const text of [
      '93.1% [91.2, 94.8]',
      'Evaluation: schedules.test',
      'schedules.train',
      '6.44 MB',
      '1,610,000',
    ]) {
      expect(page.content).toContain(text);
    }
    expect(page.content).toContain('default-src &#39;none&#39;');
    expect(page.content).not.toMatch(/<script|\son\w+=/i);
  });

  it('open a run as a page with its training curve', async () => {
    const page = await recordPage({ kind: 'run', folder: store.folder, id: 'triage-run-1-1-0', job: 'job' }, runChart);
    expect(page.content).toContain('src="data:image/svg+xml;base64,');
    expect(page.content).toContain('learning_rate');
  });

  it('say that a record is gone', async () => {
    const target = { kind: 'run', folder: store.folder, id: 'nothing', job: 'job' } as const;
    await expect(recordPage(target, runChart)).rejects.toThrow('The record nothing is no longer in this branch.');
  });

  it('show a running job with its progress, first; an ended one no more', async () => {
    const job = await startJob(store.folder, { pid: process.pid });
    const read = createLiveJobsReader(() => Date.parse('2026-03-05T10:01:00Z'));
    const [live] = await runNodes(store, await read(store.folder));
    expect(live).toMatchObject({ label: 'fine-tune triage', context: 'job.running', icon: 'sync~spin' });
    expect(live!.description).toMatch(/^training 25% 25\/100 · loss 0\.500 · 1:00 elapsed · 3:00 left/);
    await writeFile(path.join(job, 'worker.pid'), JSON.stringify({ pid: 2 ** 22 + 1, startTime: 'gone' }));
    expect(await read(store.folder)).toEqual([]);
  });

  it('list jobs with state and progress, and what can be done about them', async () => {
    const job = await startJob(store.folder, { pid: process.pid });
    const at = () => Date.parse('2026-03-05T10:01:00Z');
    const [running] = await jobNodes(store.folder, at);
    expect(running).toMatchObject({ label: 'fine-tune triage', context: 'job.running', icon: 'sync~spin' });
    expect(running!.description).toMatch(/^training 25% 25\/100 · loss 0\.500 · 1:00 elapsed · 3:00 left/);
    await writeFile(path.join(job, 'worker.pid'), JSON.stringify({ pid: 2 ** 22 + 1, startTime: 'gone' }));
    const [lost] = await jobNodes(store.folder, at);
    expect(lost).toMatchObject({ context: 'job.stopped', description: `lost · 5 March${year}` });
  });

  it('read a thousand models in seconds', async () => {
    const big = await openStore(await makeSampleRepository());
    const [model] = await big.list('model');
    for (let i = 0; i < 1000; i++) {
      const folder = path.join(big.folder, `llmops/models/model-${i}`);
      await mkdir(folder);
      await writeFile(path.join(folder, 'model.json'), JSON.stringify({ ...model, name: `model-${i}` }));
    }
    execFileSync('git', ['add', 'llmops'], { cwd: big.folder });
    execFileSync('git', ['commit', '-qm', 'Add a thousand models'], { cwd: big.folder });
    const start = performance.now();
    expect(await modelNodes(big)).toHaveLength(1002);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

/** A job folder as a worker leaves it while it works. */
async function startJob(folder: string, { pid }: { pid: number }): Promise<string> {
  const id = 'finetune-20260305100000-0a0b0c0d';
  const job = path.join(folder, '.llmops/jobs', id);
  const createdAt = '2026-03-05T10:00:00.000Z';
  const spec = {
    schemaVersion: 1,
    id,
    kind: 'finetune',
    title: 'fine-tune triage',
    key: 'k',
    createdAt,
    folder,
    payload: {},
  };
  const events = [
    { seq: 1, time: createdAt, type: 'started', pid, host: 'here', device: 'cpu', attempt: 1 },
    { seq: 2, time: createdAt, type: 'progress', phase: 'training', step: 25, steps: 100, figures: { loss: 0.5 } },
  ];
  await mkdir(job, { recursive: true });
  await writeFile(path.join(job, 'spec.json'), JSON.stringify(spec));
  await writeFile(path.join(job, 'attempt'), '1');
  await writeFile(path.join(job, 'events.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  await writeFile(path.join(job, 'worker.pid'), JSON.stringify({ pid, startTime: await processStartTime(pid) }));
  return job;
}
