import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openStore } from '../../../magics/governance/open-store.ts';
import type { Figure } from '../../../magics/governance/record-parts.ts';
import type { EvalRecord } from '../../../magics/governance/records.ts';

export const suiteText = `name: cron
defaults:
  data: data/test.csv
  target: cron
  metrics: [exact_match, token_f1]
tasks:
  - name: wording
    model: triage
    gates: exact_match>=80%
  - name: new schedules
    model: triage
    gates:
      - exact_match>=0.9
      - token_f1>=0.85
  - name: tiny model
    model: models/tiny
    template: |
      ---
      input: { schema: { text: string } }
      ---
      {{role "user"}}{{text}}
    maxNewTokens: 8
    gates: [exact_match>=0, exact_match>=0.5]
`;

const brokenText = `tasks:
  - name: typo
    model: triage
    data: data/test.csv
    gate: exact_match>=0.9
`;

/** Adds suites to a repository: two recorded tasks, one that was never run, and a file with a mistake on its fifth line. */
export async function addSampleSuites(folder: string): Promise<void> {
  await mkdir(path.join(folder, 'suites'), { recursive: true });
  await mkdir(path.join(folder, 'data'), { recursive: true });
  await writeFile(path.join(folder, 'suites/cron.yaml'), suiteText);
  await writeFile(path.join(folder, 'suites/broken.yaml'), brokenText);
  await writeFile(path.join(folder, 'data/test.csv'), 'text,cron\nevery day at nine,0 9 * * *\nat noon,0 12 * * *\n');
  await recordTask(folder, 'wording', 'wording-1', 0.84, '2026-03-06T09:00:00Z');
  await recordTask(folder, 'new schedules', 'new-schedules-1', 0.95, '2026-03-05T09:00:00Z');
  await recordTask(folder, 'new schedules', 'new-schedules-2', 0.842, '2026-03-06T09:00:00Z');
}

/** Commits an evaluation of a task of the suite `cron` with this exact match, and half the errors in token F1. */
export async function recordTask(folder: string, task: string, id: string, value: number, createdAt: string) {
  const gates = task === 'wording' ? [['exact_match', 0.8] as const] : newScheduleGates;
  const metrics = { exact_match: interval(value), token_f1: interval(1 - (1 - value) / 2) };
  const record: EvalRecord = {
    ...{ schemaVersion: 1, kind: 'eval', createdAt, id, task: 'test', model: 'triage@v1.1.0' },
    ...{ inputs: [], config: {}, seed: 0, metrics, seconds: 4 },
    samples: { path: 'samples.jsonl', oid: `sha256:${'5'.repeat(64)}`, size: 1000 },
    suite: {
      ...{ name: 'cron', file: 'suites/cron.yaml', folder: '', task },
      gates: gates.map(([metric, limit]) => ({
        gate: `${metric}>=${limit}`,
        passed: metrics[metric].value! >= limit,
      })),
    },
    environment: { node: 'v20.0.0', platform: 'linux', arch: 'x64', packages: {} },
  };
  await (await openStore(folder)).commit({ records: [record], message: `Evaluate ${task}` });
}

const newScheduleGates = [['exact_match', 0.9] as const, ['token_f1', 0.85] as const];

function interval(value: number): Figure {
  return { value, low: value - 0.019, high: value + 0.017, level: 0.95, n: 400 };
}
