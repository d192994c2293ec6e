import { readModel } from '../governance/open-store.ts';
import type { Input, ModelRecord } from '../governance/records.ts';
import type { RecordStore } from '../governance/store.ts';
import type { ModelReference } from '../handles.ts';

/** What a model's records say it was made with; everything is absent for a folder without a record. */
export interface TrainedWith {
  record?: ModelRecord;
  /** `cron@v1.0.0`, or `cron` where the prompt has no version. */
  prompt?: string;
  promptDigest?: string;
  /** Column of the answer. */
  target?: string;
  base?: Input;
  /** Data set that it was trained on. */
  trainingData?: Input;
}

/** Reads how a model was made from its record and its run's. */
export async function trainedWith(model: ModelReference, store: RecordStore): Promise<TrainedWith> {
  if (model.version === 'local') return {};
  const record = await readModel(store, model.ref);
  const prompt = record.inputs.find((input) => input.role === 'prompt');
  const run = record.run === undefined ? undefined : await store.read('run', record.run);
  return {
    record,
    prompt: prompt === undefined ? record.prompt : nameOf(prompt),
    promptDigest: prompt?.digest,
    target: targetOf(run?.config.datasets),
    base: record.inputs.find((input) => input.role === 'base'),
    trainingData: record.inputs.find((input) => input.role === 'train' && input.kind === 'dataset'),
  };
}

/** How an input is asked for again: `name@v1.0.0`, or its name. */
export function nameOf(input: Input): string {
  return input.version?.startsWith('v') ? `${input.name}@${input.version}` : input.name;
}

function targetOf(datasets: unknown): string | undefined {
  const [first] = Array.isArray(datasets) ? (datasets as unknown[]) : [];
  const target = typeof first === 'object' && first !== null ? (first as Record<string, unknown>).target : undefined;
  return typeof target === 'string' ? target : undefined;
}
