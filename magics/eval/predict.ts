import { readFile } from 'node:fs/promises';
import type { MagicContext, MimeBundle } from '../context.ts';
import type { RecordStore } from '../governance/store.ts';
import type { ModelReference } from '../handles.ts';
import { contentKey } from '../jobs/key.ts';
import type { JobResources } from '../jobs/resources.ts';
import { modelDigest } from './model-digest.ts';
import {
  type EvalPayload,
  type EvalRequest,
  type EvalResult,
  evalResult,
  type Prediction,
  prediction,
} from './payload.ts';
import { runJob } from './run-job.ts';

export interface PredictOptions {
  maxNewTokens: number;
  withLikelihood: boolean;
  device?: string;
  /** What the job asks for, and where it runs; it decides nothing about the answers. */
  resources?: JobResources;
  fresh?: boolean;
  /** Shows a line of progress in place of the one before. */
  show(line: MimeBundle): void;
}

/** A model's answers to the requests, in their order. */
export interface Predictions {
  predictions: Prediction[];
  result: EvalResult;
  /** True when an earlier job with the same model, requests and settings had answered already. */
  reused: boolean;
}

/** Answers requests in a job. The job's key is their content, so that asked again it answers at once. */
export async function predict(
  model: ModelReference,
  requests: readonly EvalRequest[],
  options: PredictOptions,
  store: RecordStore,
  context: MagicContext,
): Promise<Predictions> {
  const { maxNewTokens, withLikelihood, device, resources, fresh, show } = options;
  const lines = requests.map((request) => `${JSON.stringify(request)}\n`).join('');
  const pointer = await store.objects.putText(lines, 'requests.jsonl');
  const payload: EvalPayload = {
    modelFolder: model.folder,
    requests: await store.objects.file(pointer),
    maxNewTokens,
    withLikelihood,
  };
  const settings = { kind: 'eval', version: 2, maxNewTokens, withLikelihood, device: device ?? 'auto' };
  const key = contentKey({ ...settings, model: await modelDigest(model.folder), requests: pointer.oid });
  const { result, reused } = await runJob(
    { kind: 'eval', title: `evaluate ${model.ref}`, key, payload, device, resources },
    evalResult,
    context,
    { folder: store.folder, fresh, show },
  );
  const text = await readFile(result.predictions, 'utf8');
  const predictions = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => prediction.parse(JSON.parse(line)));
  return { predictions, result, reused };
}
