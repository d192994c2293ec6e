import { z } from 'zod';
import { readModel } from '../governance/open-store.ts';
import type { Input } from '../governance/record-parts.ts';
import type { ModelRecord, RunRecord } from '../governance/records.ts';
import { isRecordedVersion } from '../governance/reference.ts';
import type { RecordStore } from '../governance/store.ts';
import type { ModelReference } from '../handles.ts';
import { listJobs } from '../jobs/index.ts';

const baseFolder = z.object({ base: z.object({ folder: z.string() }) });

/** A base model: by name and version, or the folder that it was read from while that is known on this machine. */
export interface BaseModel {
  readonly name: string;
  /** What `resolveModel` finds it by. */
  readonly reference?: string;
}

/** What a model's records say it was made with; everything is absent for a folder without a record. */
export interface TrainedWith {
  record?: ModelRecord;
  /** `cron@v1.0.0`, or `cron` where the prompt has no version. */
  prompt?: string;
  promptDigest?: string;
  /** Column of the answer. */
  target?: string;
  /** Model that it was fine-tuned from. */
  base?: BaseModel;
  /** Data set that it was trained on. */
  trainingData?: Input;
}

/** Reads how a model was made from its record and its run's. */
export async function trainedWith(model: ModelReference, store: RecordStore): Promise<TrainedWith> {
  if (!isRecordedVersion(model.version)) return {};
  const record = await readModel(store, model.ref);
  const prompt = record.inputs.find((input) => input.role === 'prompt');
  const run = record.run === undefined ? undefined : await store.read('run', record.run);
  return {
    record,
    prompt: prompt === undefined ? record.prompt : nameOf(prompt),
    promptDigest: prompt?.digest,
    target: targetOf(run?.config.datasets),
    base: await findBase(record, run, store),
    trainingData: record.inputs.find((input) => input.role === 'train' && input.kind === 'dataset'),
  };
}

async function findBase(
  record: ModelRecord,
  run: RunRecord | undefined,
  store: RecordStore,
): Promise<BaseModel | undefined> {
  const base = record.inputs.find((input) => input.role === 'base');
  if (base === undefined) return undefined;
  if (base.version !== 'local') return { name: base.name, reference: nameOf(base) };
  const job = run && (await listJobs(store.folder)).find(({ id }) => id === run.job);
  const reference = baseFolder.safeParse(job?.spec.payload).data?.base.folder;
  return { name: base.name, reference };
}

/** How an input is asked for again: `name@v1.0.0`, or its name. */
function nameOf(input: Input): string {
  return input.version === undefined ? input.name : `${input.name}@${input.version}`;
}

function targetOf(datasets: unknown): string | undefined {
  const [first] = Array.isArray(datasets) ? (datasets as unknown[]) : [];
  const target = typeof first === 'object' && first !== null ? (first as Record<string, unknown>).target : undefined;
  return typeof target === 'string' ? target : undefined;
}
