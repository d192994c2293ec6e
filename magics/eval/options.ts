import { z } from 'zod';
import { datasetOption, listOption } from '../dataset/options.ts';
import { recordName } from '../governance/record-parts.ts';
import type { ModelReference, Run } from '../handles.ts';
import { resourceOptions } from '../jobs/resources.ts';
import { isPrompt, type Prompt } from '../prompt/prompt.ts';
import { metricNames, type UserMetric } from './metrics/choose.ts';

/** An option that names a model: a record's name, a folder, or a handle. */
export const modelOption = z.union([z.string(), z.custom<ModelReference | Run>(isModel, 'not a model')]);

const userMetric = z.custom<UserMetric>((value) => typeof value === 'function', 'not a metric');

/** The options of `%eval`. */
export const evalOptions = z.strictObject({
  model: modelOption.describe('model to evaluate: name, name@v1.0.0, a folder, owner/name of the hub or ${run.model}'),
  data: datasetOption.describe('data set or file with the questions and the right answers'),
  metrics: z
    .union([z.array(z.union([z.string(), userMetric])), z.string(), userMetric])
    .default(['exact_match'])
    .describe(`${metricNames.join(', ')}, or a function of your own: \${(prediction, reference) => ...}`),
  against: modelOption
    .optional()
    .describe(
      'model to compare with; "base": the one that it was fine-tuned from; "production": the version in production',
    ),
  embedder: modelOption
    .optional()
    .describe(
      'local model whose embeddings semantic_similarity compares; default: the base that the model descends from, else itself',
    ),
  slices: listOption.default([]).describe('columns whose values are scored one by one'),
  prompt: z
    .union([z.string(), z.custom<Prompt>(isPrompt, 'not a prompt')])
    .optional()
    .describe('prompt that asks the model; default: the one it was trained with'),
  target: z.string().optional().describe('column of the right answer; default: the one it was trained on'),
  maxNewTokens: z.int().positive().max(4096).default(64).describe('tokens at which an answer is cut'),
  limit: z.int().positive().optional().describe('evaluate the first rows only'),
  gate: z.string().optional().describe('condition to meet, for example exact_match>=0.9; failing it fails the cell'),
  seed: z.int().nonnegative().default(0).describe('of the bootstrap intervals'),
  device: z.enum(['auto', 'cpu', 'webgpu', 'cuda']).default('auto').describe('where the model runs'),
  ...resourceOptions,
  fresh: z.boolean().default(false).describe('answer anew, even if the same job has finished'),
  as: recordName.optional().describe('variable that holds the evaluation'),
});
export type EvalOptions = z.output<typeof evalOptions>;

function isModel(value: unknown): value is ModelReference | Run {
  return typeof value === 'object' && value !== null && ('folder' in value || 'model' in value);
}
