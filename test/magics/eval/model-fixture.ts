import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as aq from 'arquero';
import type { MagicContext, MimeBundle } from '../../../magics/context.ts';
import { recordDataset } from '../../../magics/dataset/record.ts';
import { initializeModel } from '../../../magics/engine/initialize.ts';
import { trainTokenizer } from '../../../magics/engine/tokenizer.ts';
import { openStore } from '../../../magics/governance/open-store.ts';
import type { ModelRecord } from '../../../magics/governance/records.ts';
import type { RecordStore } from '../../../magics/governance/store.ts';
import { createPrompt } from '../../../magics/prompt/prompt.ts';
import { makeRepository } from '../governance/repository-fixture.ts';

const config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: 300,
  hidden_size: 16,
  intermediate_size: 32,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 128,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: true,
  eos_token_id: 1,
  hidden_act: 'silu',
};

export const promptSource = `---
input: { schema: { text: string } }
---
{{role "system"}}Turn the schedule into a cron expression.
{{role "user"}}{{text}}
`;

const schedules = [
  ['every day at nine', '0 9 * * *', 'daily'],
  ['every monday at noon', '0 12 * * 1', 'weekly'],
  ['at half past seven', '30 7 * * *', 'daily'],
  ['on the first at midnight', '0 0 1 * *', 'monthly'],
];

export interface ModelRepository {
  readonly folder: string;
  readonly store: RecordStore;
}

/**
 * A repository with an untrained model `cron-lora@v1.0.0` whose base is the folder `base`, the prompt `cron` that it was
 * "trained" with, and the file test.csv (text, cron, kind). `trainingRows`: also a data set `schedules` of so many rows.
 */
export async function makeModelRepository({ trainingRows = 0 } = {}): Promise<ModelRepository> {
  const folder = makeRepository();
  await writeModel(path.join(folder, 'base'), 1);
  await writeModel(path.join(folder, 'tuned'), 2);
  await writeFile(path.join(folder, 'test.csv'), csv(schedules));
  const store = await openStore(folder);
  const { digest } = await createPrompt('cron', promptSource);
  if (trainingRows > 0) await recordTrainingData(folder, trainingRows);
  const names = await readdir(path.join(folder, 'tuned'));
  const record: ModelRecord = {
    schemaVersion: 1,
    kind: 'model',
    createdAt: '2026-01-02T03:04:05Z',
    name: 'cron-lora',
    version: 'v1.0.0',
    architecture: 'LlamaForCausalLM',
    parameters: 10_000,
    inputs: [
      { role: 'base', kind: 'file', name: 'base' },
      { role: 'prompt', kind: 'prompt', name: 'cron', digest },
      ...(trainingRows > 0 ? [{ role: 'train' as const, kind: 'dataset' as const, name: 'schedules' }] : []),
    ],
    prompt: 'cron',
    metrics: {},
    files: await Promise.all(names.map((name) => store.objects.putFile(path.join(folder, 'tuned', name), name))),
  };
  await store.commit({
    records: [record],
    files: { 'llmops/prompts/cron.prompt': promptSource },
    message: 'Record cron-lora',
    tags: { 'cron-lora@v1.0.0': 'cron-lora v1.0.0' },
  });
  return { folder, store };
}

/** A context that collects what is shown. */
export function makeContext(folder: string, signal = new AbortController().signal) {
  const shown: MimeBundle[] = [];
  const context: MagicContext = {
    folder,
    distFolder: path.resolve('dist'),
    signal,
    display(data) {
      const place = shown.push(data) - 1;
      return {
        update(next) {
          shown[place] = next;
        },
      };
    },
  };
  return { context, shown, text: () => shown.map((bundle) => String(bundle['text/plain'])).join('\n') };
}

async function recordTrainingData(folder: string, count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, i) => schedules[i % schedules.length]!);
  const table = aq.from(rows.map(([text, cron, kind]) => ({ text, cron, kind })));
  await recordDataset({ name: 'schedules', table, inputs: [], recipe: [] }, { folder });
}

async function writeModel(folder: string, seed: number): Promise<void> {
  await initializeModel(folder, config, seed);
  await trainTokenizer(schedules.flat(), { vocabularySize: config.vocab_size, minFrequency: 1 }).save(folder);
}

function csv(rows: readonly (readonly string[])[]): string {
  return ['text,cron,kind', ...rows.map((row) => row.join(','))].join('\n');
}
