import { execFileSync } from 'node:child_process';
import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openStore } from '../../../magics/governance/open-store.ts';
import type { Figure } from '../../../magics/governance/record-parts.ts';
import type { AnyRecord, ModelRecord, RunRecord } from '../../../magics/governance/records.ts';

const digest = `sha256:${'5'.repeat(64)}`;
const environment = { node: 'v20.0.0', platform: 'linux', arch: 'x64', device: 'cpu', packages: {} };

/** A repository with two models, three versions, a stage, four runs and an evaluation, made through the real store. */
export async function makeSampleRepository(): Promise<string> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'llmops-sample-')));
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder });
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'Ada Example');
  git('config', 'user.email', 'ada@example.com');
  await addVersion(folder, 'triage', 'v1.0.0', 0.842, '2026-03-02T09:00:00Z');
  await addVersion(folder, 'triage', 'v1.1.0', 0.906, '2026-03-03T10:30:00Z');
  await addVersion(folder, 'cron-lora', 'v1.0.0', 0.931, '2026-03-04T16:45:00Z');
  git('tag', '-a', 'triage#production#1', '-m', 'production', 'triage@v1.1.0^{}');
  await addFailedRun(folder);
  return folder;
}

/** Commits a run, the model version that it made, and its card; tags the version. */
export async function addVersion(folder: string, name: string, version: string, value: number, createdAt: string) {
  const store = await openStore(folder);
  const run = `${name}-run-${version.slice(1).replaceAll('.', '-')}`;
  const ref = `${name}@${version}`;
  const metrics = { exact_match: interval(value), validationLoss: { value: 1 - value } };
  const series = await store.objects.putText(lossSeries(value), 'series.jsonl');
  const records: AnyRecord[] = [
    { ...runRecord(run, name, createdAt), model: ref, metrics, series },
    { ...modelRecord(name, version, createdAt), run, metrics },
  ];
  if (name === 'cron-lora') records.push(evaluation(ref, metrics, createdAt));
  const card = `# ${name}\n\nTurns plain English into cron expressions.\n`;
  const files = { [`llmops/models/${name}/README.md`]: card };
  await store.commit({ records, files, message: `Add ${ref}`, tags: { [ref]: ref } });
}

async function addFailedRun(folder: string): Promise<void> {
  const store = await openStore(folder);
  const record = runRecord('triage-run-9', 'triage', '2026-03-05T08:00:00Z');
  const failed = { ...record, status: 'failed' as const, reason: 'The loss became NaN at step 12.' };
  await store.commit({ records: [failed], message: 'Record a failed run' });
}

function interval(value: number): Figure {
  return { value, low: value - 0.019, high: value + 0.017, level: 0.95, n: 400, signature: 'exact_match|case:mixed' };
}

function modelRecord(name: string, version: string, createdAt: string): ModelRecord {
  return {
    ...{ schemaVersion: 1, kind: 'model', createdAt, name, version },
    ...{ architecture: 'llama', parameters: 1_610_000, license: 'Apache-2.0', prompt: 'cron', metrics: {} },
    inputs: [
      { role: 'base', kind: 'model', name: 'schedule-base', version: 'local', digest },
      { role: 'train', kind: 'dataset', name: 'schedules.train', digest },
    ],
    files: [{ path: 'model.safetensors', oid: digest, size: 6_440_000 }],
  };
}

function runRecord(id: string, name: string, createdAt: string): RunRecord {
  return {
    ...{ schemaVersion: 1, kind: 'run', createdAt, id, name, job: `job-${id}`, status: 'succeeded', seconds: 61.2 },
    config: { base_model: 'models/schedule-base', adapter: 'lora', lora_r: 16, learning_rate: 0.003 },
    inputs: [{ role: 'train', kind: 'dataset', name: 'schedules.train', digest }],
    metrics: {},
    environment,
  };
}

function evaluation(model: string, metrics: Record<string, Figure>, createdAt: string): AnyRecord {
  return {
    ...{ schemaVersion: 1, kind: 'eval', createdAt, id: 'eval-1', task: 'schedules.test', model, baseline: 'base' },
    ...{ inputs: [], config: {}, seed: 7, metrics, baselineMetrics: { exact_match: { value: 0, n: 400 } }, seconds: 4 },
    samples: { path: 'samples.jsonl', oid: digest, size: 1000 },
    environment,
  };
}

function lossSeries(value: number): string {
  const points = Array.from({ length: 60 }, (_, i) => {
    const loss = (1 - value) * 0.2 + 2.5 * Math.exp(-i / 12);
    const lines = [{ step: i * 10, name: 'loss', value: loss }];
    if (i % 10 === 9) lines.push({ step: i * 10, name: 'validationLoss', value: loss * 1.1 });
    return lines.map((line) => JSON.stringify(line)).join('\n');
  });
  return `${points.join('\n')}\n`;
}
