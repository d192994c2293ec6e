import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { isUserError } from '../errors.ts';
import type { Environment, Figure, ObjectPointer } from '../governance/record-parts.ts';
import type { ModelRecord, RunRecord } from '../governance/records.ts';
import type { RecordStore } from '../governance/store.ts';
import type { JobCost } from '../jobs/index.ts';
import { type Curve, seriesLines } from './curve.ts';
import type { RowSource } from './documents.ts';
import type { FinetuneResult } from './payload.ts';
import type { FinetunePlan } from './plan.ts';
import { summaryOf } from './run.ts';

/** What is known of a run when it ends. */
export interface Outcome {
  readonly plan: FinetunePlan;
  readonly job: string;
  readonly environment: Environment;
  readonly curve: Curve;
  readonly seconds: number;
  readonly cost?: JobCost;
  readonly energyJoules?: number;
}

export interface Recorded {
  readonly run: RunRecord;
  readonly commit: string;
}

/** Commits a run that made no model. */
export async function recordUnfinished(
  store: RecordStore,
  outcome: Outcome,
  status: 'failed' | 'cancelled',
  reason: string,
): Promise<Recorded> {
  const run = { ...(await runRecord(store, outcome)), status, reason };
  const message = `Run ${run.id}: fine-tuning ${run.name} ${status}\n\n${reason}`;
  const { commit } = await store.commit({ records: [run], message });
  return { run, commit };
}

/** Stores the model's files and commits run, model and model card together, tagged `name@vX.Y.Z`. */
export async function recordModel(store: RecordStore, outcome: Outcome, result: FinetuneResult): Promise<Recorded> {
  const files = await storeFiles(store, result.folder);
  const { device, engine } = result;
  const environment = { ...outcome.environment, device, engine };
  const base = await runRecord(store, { ...outcome, environment, seconds: result.seconds });
  const metrics = figuresOf(result);
  for (let attempt = 1; ; attempt++) {
    const { name } = outcome.plan;
    const version = await store.nextVersion(name);
    // Another notebook that followed the same job may have recorded it.
    const earlier = await findRecorded(store, outcome.job, name);
    if (earlier !== undefined) return earlier;
    const ref = `${name}@${version}`;
    const run: RunRecord = { ...base, status: 'succeeded', model: ref, metrics, reason: result.stopped };
    const model: ModelRecord = {
      schemaVersion: 1,
      kind: 'model',
      createdAt: base.createdAt,
      name,
      version,
      architecture: result.architecture,
      parameters: result.totalParameters,
      run: run.id,
      inputs: [...outcome.plan.inputs],
      prompt: outcome.plan.prompt,
      metrics,
      files,
    };
    try {
      const { commit } = await store.commit({
        records: [run, model],
        message: `Model ${ref}: ${summaryOf(metrics)}`,
        tags: { [ref]: `${ref}\n\n${summaryOf(metrics)}; run ${run.id}` },
      });
      return { run, commit };
    } catch (error) {
      // The version may have been taken in the meantime: take the next one.
      const isTaken = isUserError(error) && (await store.nextVersion(name)) !== version;
      if (!isTaken || attempt === 5) throw error;
    }
  }
}

/** The record that a finished job was given under this name, if it was, and the commit of its model's version. */
export async function findRecorded(store: RecordStore, job: string, name: string): Promise<Recorded | undefined> {
  const runs = await store.list('run');
  const run = runs.find((known) => known.job === job && known.name === name && known.status === 'succeeded');
  const version = run && (await store.versions(name)).find((known) => known.ref === run.model);
  return version && { run, commit: version.commit };
}

/** The record of a run without a model version, not committed yet: a trial of a sweep, whose best alone gets a version. */
export async function describeRun(
  store: RecordStore,
  outcome: Outcome,
  end: { status: RunRecord['status']; reason?: string; result?: FinetuneResult },
): Promise<RunRecord> {
  const { status, reason, result } = end;
  const run = await runRecord(store, outcome);
  const { device = run.environment.device, engine } = result ?? {};
  const metrics = result === undefined ? {} : figuresOf(result);
  return { ...run, status, reason, metrics, environment: { ...run.environment, device, engine } };
}

async function runRecord(store: RecordStore, outcome: Outcome): Promise<Omit<RunRecord, 'status'>> {
  const { plan, job, environment, curve, seconds, cost, energyJoules } = outcome;
  const lines = seriesLines(curve);
  return {
    schemaVersion: 1,
    kind: 'run',
    createdAt: new Date().toISOString(),
    id: `${plan.name}-${job.replace(/^finetune-/, '')}`,
    name: plan.name,
    job,
    config: configOf(plan),
    inputs: [...plan.inputs],
    metrics: {},
    series: lines === '' ? undefined : await store.objects.putText(lines, 'series.jsonl'),
    seconds,
    cost,
    energyJoules,
    environment,
  };
}

/** The options as a cell would give them, with every default filled in. */
function configOf({ payload: { base, train, validation, config } }: FinetunePlan): RunRecord['config'] {
  return {
    base_model: 'ref' in base ? base.ref : base.create,
    datasets: train.map(entryOf),
    ...(validation.length > 0 && { test_datasets: validation.map(entryOf) }),
    ...config,
  };
}

function entryOf({ name, format }: RowSource): Record<string, string> {
  if (format.kind === 'prompt') return { path: name, prompt: format.name, target: format.target };
  return { path: name, type: format.kind === 'messages' ? 'chat_template' : format.kind };
}

function figuresOf(result: FinetuneResult): Record<string, Figure> {
  const { validation } = result.examples;
  return {
    train_loss: { value: result.trainLoss, n: result.examples.train },
    ...(result.validationLoss !== undefined && { validation_loss: { value: result.validationLoss, n: validation } }),
    ...(result.validationExactMatch !== undefined && {
      validation_exact_match: { value: result.validationExactMatch, n: validation, signature: 'teacher-forced argmax' },
    }),
    steps: { value: result.steps },
    tokens: { value: result.tokens },
    tokens_per_second: { value: result.tokens / result.seconds },
    estimated_memory_bytes: { value: result.memory.estimated },
    peak_memory_bytes: { value: result.memory.peak },
    ...(result.estimatedSeconds !== undefined && { estimated_seconds: { value: result.estimatedSeconds } }),
  };
}

async function storeFiles(store: RecordStore, folder: string): Promise<ObjectPointer[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
  return Promise.all(names.map((name) => store.objects.putFile(path.join(folder, name), name)));
}
