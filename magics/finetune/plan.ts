import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { MagicContext } from '../context.ts';
import { canonicalLines } from '../dataset/canonical.ts';
import type { Dataset, Row } from '../dataset/dataset.ts';
import { resolveDataset } from '../dataset/resolve.ts';
import type { DownloadPlace } from '../engine/hub/resolve-hub-model.ts';
import { digestModelFile } from '../governance/digest-model-file.ts';
import type { Input } from '../governance/record-parts.ts';
import { resolveModel } from '../governance/resolve-model.ts';
import type { RecordStore } from '../governance/store.ts';
import { contentKey } from '../jobs/key.ts';
import { type JobResources, resourcesOf } from '../jobs/resources.ts';
import { isPrompt, loadPrompt, type Prompt } from '../prompt/prompt.ts';
import { checkCombinations } from './check-combinations.ts';
import {
  type DatasetEntry,
  type FinetuneOptions,
  hasAdapter,
  type NewModel,
  type TrainingConfig,
  trainingConfig,
} from './config.ts';
import { createRenderer, type RowSource, readDocuments } from './documents.ts';
import type { FinetunePayload } from './payload.ts';
import { chooseRowFormat } from './row-format.ts';

/** Raise it when the same settings would train differently: earlier jobs then no longer answer. */
const recipeVersion = 3;

/** What a training will do, resolved and pinned: everything that is checked before any work starts. */
export interface FinetunePlan {
  /** Name of the model that it makes. */
  readonly name: string;
  readonly payload: FinetunePayload;
  /** Content hash of all that decides the result. */
  readonly key: string;
  readonly device: FinetuneOptions['device'];
  readonly resources: JobResources;
  readonly inputs: readonly Input[];
  /** Prompt that the model answers, if there is exactly one. */
  readonly prompt?: string;
}

/** The notebook's folder, and where a download of the base is shown. */
export type PlanPlace = Pick<MagicContext, 'folder'> & DownloadPlace;

interface Source {
  source: RowSource;
  dataset: Dataset;
  prompt?: Prompt;
}

/** Resolves data, prompts and base, freezes the rows as objects, and checks that the first row of each makes an example. */
export async function planFinetune(
  options: FinetuneOptions,
  store: RecordStore,
  { folder, ...place }: PlanPlace,
): Promise<FinetunePlan> {
  checkCombinations(options);
  const resolve = (entry: DatasetEntry) => resolveSource(withDefaults(entry, options), store, folder);
  const entries = options.datasets ?? (options.data === undefined ? [] : [{ path: options.data }]);
  const train = await Promise.all(entries.map(resolve));
  const validation = await Promise.all((options.test_datasets ?? []).map(resolve));
  const base = await resolveBase(options.base_model, folder, place);
  const config = trainingOf(options);
  const sources = (list: readonly Source[]) => list.map(({ source }) => source);
  const content = (list: readonly Source[]) => list.map(({ dataset, source }) => [dataset.digest, source.format]);
  const prompts = distinct(
    [...train, ...validation].flatMap(({ prompt }) => prompt ?? []),
    (prompt) => prompt.digest,
  );
  return {
    name: options.name ?? defaultName(prompts, train, options),
    payload: { base: base.payload, train: sources(train), validation: sources(validation), config },
    key: contentKey({
      recipeVersion,
      base: base.content,
      train: content(train),
      validation: content(validation),
      config,
      device: options.device,
    }),
    device: options.device,
    resources: resourcesOf(options),
    inputs: [
      ...train.map(({ dataset }) => datasetInput('train', dataset)),
      ...validation.map(({ dataset }) => datasetInput('validation', dataset)),
      ...base.inputs,
      ...prompts.map(({ name, version, digest }): Input => ({ role: 'prompt', kind: 'prompt', name, version, digest })),
    ],
    prompt: prompts.length === 1 ? prompts[0]!.name : undefined,
  };
}

/** The options that reach the worker; those that were left out stay out. */
function trainingOf(options: FinetuneOptions): TrainingConfig {
  const isTraining = ([key, value]: [string, unknown]) => key in trainingConfig.shape && value !== undefined;
  return trainingConfig.parse(Object.fromEntries(Object.entries(options).filter(isTraining)));
}

function withDefaults(entry: DatasetEntry, options: FinetuneOptions): DatasetEntry {
  if (entry.type !== undefined) return entry;
  return { ...entry, prompt: entry.prompt ?? options.prompt, target: entry.target ?? options.target };
}

async function resolveSource(entry: DatasetEntry, store: RecordStore, folder: string): Promise<Source> {
  const dataset = await resolveDataset(entry.path, folder);
  const prompt = isPrompt(entry.prompt) ? entry.prompt : entry.prompt && (await loadPrompt(entry.prompt, folder));
  const format = chooseRowFormat(entry, dataset, prompt || undefined);
  const [first] = dataset.table.slice(0, 1).objects() as Row[];
  if (first !== undefined) {
    readDocuments(first, format, `Row 1 of "${dataset.name}"`, await createRenderer(format));
  }
  const pointer = await store.objects.putText([...canonicalLines(dataset.table)].join(''), `${dataset.name}.jsonl`);
  const file = await store.objects.file(pointer);
  return { source: { name: dataset.name, file, format }, dataset, prompt: prompt || undefined };
}

/** The base as the worker needs it, as the key and as the record tell it. */
async function resolveBase(
  base: FinetuneOptions['base_model'],
  folder: string,
  place: DownloadPlace,
): Promise<{ payload: FinetunePayload['base']; content: unknown; inputs: Input[] }> {
  if (isNewModel(base)) return { payload: { create: base }, content: base, inputs: [] };
  const { name, version, ref, folder: modelFolder } = await resolveModel(base, folder, place);
  const digest = await digestModel(modelFolder);
  return {
    payload: { ref, folder: modelFolder },
    content: digest,
    inputs: [{ role: 'base', kind: 'model', name, version, digest }],
  };
}

/** One digest for the files that decide what a model does: config, weights and tokenizer. */
async function digestModel(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => /\.(json|jinja|safetensors|model|txt)$/.test(name)).sort();
  const digests = await Promise.all(names.map(async (name) => [name, await digestModelFile(path.join(folder, name))]));
  return contentKey(digests);
}

function isNewModel(base: FinetuneOptions['base_model']): base is NewModel {
  return typeof base === 'object' && 'hidden_size' in base;
}

/** `cron-lora`: the prompt (else the data), and how it was trained; a new model is called like the prompt alone. */
function defaultName(prompts: readonly Prompt[], train: readonly Source[], options: FinetuneOptions): string {
  const what = prompts[0]?.name ?? train[0]!.dataset.name;
  const subject = what.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[._-]+/, '') || 'model';
  if (isNewModel(options.base_model)) return subject;
  return `${subject}-${hasAdapter(options) ? options.adapter : 'full'}`;
}

function datasetInput(role: 'train' | 'validation', { name, digest }: Dataset): Input {
  return { role, kind: 'dataset', name, digest };
}

function distinct<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}
