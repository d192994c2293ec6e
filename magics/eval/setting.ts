import type { MagicContext } from '../context.ts';
import type { Dataset, Row } from '../dataset/dataset.ts';
import { checkColumn } from '../dataset/options.ts';
import { resolveDataset } from '../dataset/resolve.ts';
import type { DownloadPlace } from '../engine/hub/resolve-hub-model.ts';
import { UserError } from '../errors.ts';
import type { EvalRecord, RecordedSuiteTask } from '../governance/records.ts';
import { resolveModel } from '../governance/resolve-model.ts';
import type { RecordStore } from '../governance/store.ts';
import type { ModelReference, Run } from '../handles.ts';
import { loadPrompt, type Prompt } from '../prompt/prompt.ts';
import { chooseMetrics } from './metrics/choose.ts';
import type { Metric } from './metrics/metric.ts';
import type { EvalOptions } from './options.ts';
import type { EvalRequest } from './payload.ts';
import { chooseTarget, prepareRows } from './requests.ts';
import { chooseEmbedder, type Embedder, originalBase } from './similarity/choose-embedder.ts';
import { type BaseModel, type TrainedWith, trainedWith } from './trained-with.ts';

/** What is evaluated on what, and how: everything that decides the figures. */
export interface EvalSetting {
  readonly model: ModelReference;
  readonly baseline?: ModelReference;
  readonly trained: TrainedWith;
  readonly data: Dataset;
  readonly prompt: Prompt;
  readonly metrics: readonly Metric[];
  /** The model that texts are compared by, where a metric does that. */
  readonly embedder?: Embedder;
  /** Column of the right answer. */
  readonly target: string;
  readonly slices: readonly string[];
  readonly rows: readonly Row[];
  readonly requests: readonly EvalRequest[];
  /** Rows left out because they have no right answer. */
  readonly withoutReference: number;
  readonly maxNewTokens: number;
  readonly seed: number;
  readonly config: EvalRecord['config'];
  /** The task of a suite that it is. */
  readonly suite?: RecordedSuiteTask;
}

/** Resolves the options of `%eval` to models, rows and metrics; every mistake is found here, before a model is loaded. */
export async function prepareEval(
  options: EvalOptions,
  store: RecordStore,
  { folder, ...place }: Pick<MagicContext, 'folder'> & DownloadPlace,
): Promise<EvalSetting> {
  const chosen = chooseMetrics(options.metrics);
  const model = await resolveModel(options.model, folder, place);
  const data = await resolveDataset(options.data, folder);
  const trained = await trainedWith(model, store);
  const prompt = await choosePrompt(options.prompt ?? trained.prompt, model, folder);
  const target = chooseTarget(data, prompt, options.target, trained.target);
  for (const column of options.slices) checkColumn(data, column);
  const { metrics, embedder } = await chooseEmbedder(chosen, options.embedder, { folder, ...place }, () =>
    originalBase(model, trained, store, { folder, ...place }),
  );
  return {
    model,
    baseline: await chooseBaseline(options.against, trained.base, model, store, { folder, ...place }),
    trained,
    data,
    prompt,
    metrics,
    embedder,
    target,
    slices: options.slices,
    ...prepareRows(data, prompt, target, options.limit),
    maxNewTokens: options.maxNewTokens,
    seed: options.seed,
    config: {
      metrics: Object.fromEntries(metrics.map((metric) => [metric.name, metric.signature])),
      target,
      slices: [...options.slices],
      maxNewTokens: options.maxNewTokens,
      ...(options.limit !== undefined && { limit: options.limit }),
      ...(embedder && { embedder: { model: embedder.model.ref, digest: embedder.digest } }),
    },
  };
}

async function choosePrompt(
  prompt: string | Prompt | undefined,
  model: ModelReference,
  folder: string,
): Promise<Prompt> {
  if (prompt === undefined) throw promptNotKnown(model.ref);
  return typeof prompt === 'string' ? loadPrompt(prompt, folder) : prompt;
}

async function chooseBaseline(
  against: string | ModelReference | Run | undefined,
  base: BaseModel | undefined,
  model: ModelReference,
  store: RecordStore,
  { folder, ...place }: { folder: string } & DownloadPlace,
): Promise<ModelReference | undefined> {
  if (against === undefined) return undefined;
  if (against === 'production') return versionInProduction(model, store, folder);
  if (against !== 'base') return resolveModel(against, folder, place);
  if (base === undefined) throw baseNotKnown(model.ref);
  if (base.reference === undefined) throw baseFolderUnknown(base.name);
  return { ...(await resolveModel(base.reference, folder, place)), ref: 'base' };
}

/** The version that has the stage `production` now, unless it is the evaluated one; undefined where there is none. */
async function versionInProduction(
  { name, ref }: ModelReference,
  store: RecordStore,
  folder: string,
): Promise<ModelReference | undefined> {
  const live = (await store.versions(name)).find(({ stages }) => stages.includes('production'));
  return live === undefined || live.ref === ref ? undefined : resolveModel(live.ref, folder);
}

function promptNotKnown(model: string): UserError {
  return new UserError(
    `The record of "${model}" names no prompt, so it is not known how to ask it. Name one with --prompt NAME.`,
  );
}

function baseNotKnown(model: string): UserError {
  return new UserError(
    `The record of "${model}" names no base model (it was trained from scratch, or has no record). Name a model to compare with: --against NAME.`,
    { offending: 'base' },
  );
}

function baseFolderUnknown(name: string): UserError {
  return new UserError(
    `The base model "${name}" was read from a folder, and its fine-tuning job is not on this machine. Name the folder: --against PATH/${name}`,
    { offending: 'base' },
  );
}
