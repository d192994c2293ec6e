import type { MagicContext } from '../context.ts';
import type { Dataset, Row } from '../dataset/dataset.ts';
import { checkColumn } from '../dataset/options.ts';
import { resolveDataset } from '../dataset/resolve.ts';
import { UserError } from '../errors.ts';
import type { EvalRecord } from '../governance/records.ts';
import { resolveModel } from '../governance/resolve-model.ts';
import type { RecordStore } from '../governance/store.ts';
import type { ModelReference, Run } from '../handles.ts';
import { loadPrompt, type Prompt } from '../prompt/prompt.ts';
import { chooseMetrics } from './metrics/choose.ts';
import type { Metric } from './metrics/metric.ts';
import type { EvalOptions } from './options.ts';
import type { EvalRequest } from './payload.ts';
import { chooseTarget, prepareRows } from './requests.ts';
import { type BaseModel, type TrainedWith, trainedWith } from './trained-with.ts';

/** What is evaluated on what, and how: everything that decides the figures. */
export interface EvalSetting {
  readonly model: ModelReference;
  readonly baseline?: ModelReference;
  readonly trained: TrainedWith;
  readonly data: Dataset;
  readonly prompt: Prompt;
  readonly metrics: readonly Metric[];
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
}

/** Resolves the options of `%eval` to models, rows and metrics; every mistake is found here, before a model is loaded. */
export async function prepareEval(
  options: EvalOptions,
  store: RecordStore,
  { folder }: Pick<MagicContext, 'folder'>,
): Promise<EvalSetting> {
  const metrics = chooseMetrics(options.metrics);
  const model = await resolveModel(options.model, folder);
  const data = await resolveDataset(options.data, folder);
  const trained = await trainedWith(model, store);
  const prompt = await choosePrompt(options.prompt ?? trained.prompt, model, folder);
  const target = chooseTarget(data, prompt, options.target, trained.target);
  for (const column of options.slices) checkColumn(data, column);
  return {
    model,
    baseline: await chooseBaseline(options.against, trained.base, model, folder),
    trained,
    data,
    prompt,
    metrics,
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
    },
  };
}

async function choosePrompt(name: string | undefined, model: ModelReference, folder: string): Promise<Prompt> {
  if (name === undefined) throw promptNotKnown(model.ref);
  return loadPrompt(name, folder);
}

async function chooseBaseline(
  against: string | ModelReference | Run | undefined,
  base: BaseModel | undefined,
  model: ModelReference,
  folder: string,
): Promise<ModelReference | undefined> {
  if (against === undefined) return undefined;
  if (against !== 'base') return resolveModel(against, folder);
  if (base === undefined) throw baseNotKnown(model.ref);
  if (base.reference === undefined) throw baseFolderUnknown(base.name);
  return { ...(await resolveModel(base.reference, folder)), ref: 'base' };
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
