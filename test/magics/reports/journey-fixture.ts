import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openStore } from '../../../magics/governance/open-store.ts';
import type { Environment, Input } from '../../../magics/governance/record-parts.ts';
import type { DatasetRecord, EvalRecord } from '../../../magics/governance/records.ts';
import { contentKey } from '../../../magics/jobs/key.ts';
import { makeFolder, makeRepository, makeRun } from '../governance/repository-fixture.ts';

/** A repository with the records of one whole journey, and the notebook that made them. */
export interface Journey {
  readonly folder: string;
  readonly notebook: string;
}

const common = { schemaVersion: 1 as const, createdAt: '2026-01-02T03:04:05Z' };
const environment: Environment = {
  node: 'v20.20.0',
  platform: 'linux',
  arch: 'x64',
  device: 'cpu',
  packages: { 'onnxruntime-node': '1.30.0' },
  notebook: 'journey.ipynb',
};

let template: Promise<string> | undefined;

/** A copy of its own for each test; the first call makes the original. */
export async function makeJourney(): Promise<Journey> {
  template ??= makeTemplate();
  const folder = makeFolder();
  cpSync(await template, folder, { recursive: true });
  return { folder, notebook: path.join(folder, 'journey.ipynb') };
}

async function makeTemplate(): Promise<string> {
  const folder = makeRepository();
  const store = await openStore(folder);
  const putDataset = async (name: string, inputs: Input[]): Promise<DatasetRecord> => ({
    ...common,
    kind: 'dataset',
    name,
    digest: contentKey(name),
    rows: 4200,
    columns: [
      { name: 'text', type: 'string' },
      { name: 'cron', type: 'string' },
    ],
    inputs,
    recipe: [{ verb: 'load', options: { file: 'schedules.jsonl' } }],
    object: await store.objects.putText(`{"text":"${name}"}\n`, `${name}.jsonl`),
    environment,
  });
  const file: Input = { role: 'source', kind: 'file', name: 'schedules.jsonl', digest: contentKey('file') };
  const all = await putDataset('schedules', [file]);
  const inputOf = (record: DatasetRecord, role: Input['role']): Input => ({
    role,
    kind: 'dataset',
    name: record.name,
    digest: record.digest,
  });
  const train = await putDataset('schedules-train', [inputOf(all, 'source')]);
  const test = await putDataset('schedules-test', [inputOf(all, 'source')]);
  const prompt: Input = { role: 'prompt', kind: 'prompt', name: 'cron', digest: contentKey('prompt') };
  await store.commit({
    records: [all, train, test],
    files: {
      'llmops/prompts/cron.prompt': '---\ninput: { schema: { text: string } }\n---\nTurn <b>{{text}}</b> into cron.\n',
    },
    message: 'Data set schedules: 4,200 rows',
  });
  const inputs: Input[] = [
    { role: 'base', kind: 'file', name: 'schedule-base', digest: contentKey('base') },
    inputOf(train, 'train'),
    prompt,
  ];
  const series = Array.from({ length: 60 }, (_, i) =>
    ['train_loss', 'validation_loss'].map((name, k) => ({
      name,
      step: i * 10,
      value: 2 * Math.exp(-i / 12) + 0.1 * k,
    })),
  ).flat();
  const run = makeRun('cron-lora-7', {
    name: 'cron-lora',
    model: 'cron-lora@v1.0.0',
    inputs,
    environment,
    seconds: 61,
    config: { lora_r: 16, num_epochs: 3, learning_rate: 0.003 },
    metrics: { train_loss: { value: 0.0213 }, validation_exact_match: { value: 0.93 } },
    series: await store.objects.putText(series.map((p) => `${JSON.stringify(p)}\n`).join(''), 'series.jsonl'),
  });
  await store.commit({
    records: [
      run,
      {
        ...common,
        kind: 'model',
        name: 'cron-lora',
        version: 'v1.0.0',
        architecture: 'llama',
        parameters: 1_574_272,
        run: run.id,
        inputs,
        prompt: 'cron',
        metrics: run.metrics,
        files: [await store.objects.putText('weights', 'model.safetensors')],
      },
    ],
    message: 'Model cron-lora@v1.0.0: exact match 0.93',
    tags: { 'cron-lora@v1.0.0': 'cron-lora@v1.0.0' },
  });
  await store.commit({ records: [await makeEvaluation(store, test)], message: 'Evaluate cron-lora@v1.0.0' });
  await store.commit({
    records: [
      {
        ...common,
        kind: 'deployment',
        name: 'cronApi',
        model: 'cron-lora@v1.0.0',
        status: 'running',
        host: '127.0.0.1',
        port: 8123,
        inputs: [{ role: 'model', kind: 'model', name: 'cron-lora', version: 'v1.0.0' }],
        config: {},
        environment,
      },
    ],
    message: 'Deploy cron-lora@v1.0.0 as cronApi',
  });
  writeFileSync(path.join(folder, 'journey.ipynb'), `${JSON.stringify(makeNotebook(), null, 1)}\n`);
  return folder;
}

async function makeEvaluation(store: Awaited<ReturnType<typeof openStore>>, test: DatasetRecord): Promise<EvalRecord> {
  const samples = [
    {
      input: 'every weekday at half past nine',
      reference: '30 9 * * 1-5',
      prediction: '30 9 * * 1-5',
      scores: { exact_match: 1 },
    },
    { input: 'noon <on> Sundays', reference: '0 12 * * 0', prediction: '0 12 * * 7', scores: { exact_match: 0 } },
  ];
  return {
    ...common,
    kind: 'eval',
    id: 'cron-lora-abc123',
    task: 'schedules-test',
    model: 'cron-lora@v1.0.0',
    baseline: 'schedule-base',
    inputs: [
      { role: 'model', kind: 'model', name: 'cron-lora', version: 'v1.0.0' },
      { role: 'test', kind: 'dataset', name: test.name, digest: test.digest },
    ],
    config: {},
    seed: 7,
    metrics: {
      exact_match: { value: 0.931, low: 0.912, high: 0.948, n: 600 },
      bleu: { value: 0.961, low: 0.95, high: 0.97, n: 600 },
      perplexity: { value: 1.04, n: 600 },
    },
    baselineMetrics: {
      exact_match: { value: 0, low: 0, high: 0.006, n: 600 },
      bleu: { value: 0.11, low: 0.1, high: 0.12, n: 600 },
      perplexity: { value: 9.7, n: 600 },
    },
    slices: [{ column: 'frame', value: 'weekday', metrics: { exact_match: { value: 0.97 } } }],
    samples: await store.objects.putText(samples.map((s) => `${JSON.stringify(s)}\n`).join(''), 'samples.jsonl'),
    seconds: 9,
    environment,
  };
}

function makeNotebook(): unknown {
  const code = (source: string, outputs: unknown[]) => ({
    cell_type: 'code',
    id: source.slice(0, 8),
    metadata: {},
    execution_count: 1,
    source: source.split(/(?<=\n)/),
    outputs,
  });
  const display = (data: Record<string, unknown>) => ({ output_type: 'display_data', data, metadata: {} });
  const attack =
    '<p onclick="steal()" style="color:red">Loaded <strong>4,200 rows</strong></p><script>steal()</script><img src="https://example.com/x.png"><a href="javascript:steal()">x</a><p style="background:url(https://example.com)">y</p>';
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: [
      {
        cell_type: 'markdown',
        metadata: {},
        source: ['# English to cron\n', '\n', 'A <script>bad()</script> **journey**.'],
      },
      code('%dataset load schedules.jsonl --as schedules', [display({ 'text/html': attack, 'text/plain': 'Loaded' })]),
      code('%%finetune --as run\nadapter: lora\nlora_r: 16', [
        {
          output_type: 'stream',
          name: 'stdout',
          text: ['step 1\rstep 2\rstep 3\n', '\u001b[31mred\u001b[0m & <done>\n'],
        },
      ]),
      code('throw new Error("no")', [
        { output_type: 'error', ename: 'Error', evalue: 'no', traceback: ['\u001b[31mError: no\u001b[0m', '  cell 4'] },
      ]),
    ],
  };
}
