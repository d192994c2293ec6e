import { z } from 'zod';
import { datasetOption, listOption } from '../../dataset/options.ts';
import { recordName } from '../../governance/record-parts.ts';
import type { Prompt } from '../../prompt/prompt.ts';
import { isPrompt } from '../../prompt/prompt.ts';
import { answererOption, askOptions } from '../ask/options.ts';
import { evalOptions } from '../options.ts';

const promptOption = z.union([z.string(), z.custom<Prompt>(isPrompt, 'not a prompt')]);

/** `0.15/0.60`: input and output, per million tokens. */
export const pricesOption = z
  .string()
  .regex(
    /^\d+(?:\.\d+)?\/\d+(?:\.\d+)?$/,
    'write the price of a million input tokens / output tokens, for example 0.15/0.60',
  )
  .transform((text) => {
    const [input, output] = text.split('/').map(Number) as [number, number];
    return { input, output };
  });

/** The options of `%eval matrix`. */
export const matrixOptions = z.strictObject({
  data: datasetOption.describe('data set or file with the questions and the right answers'),
  prompts: z.union([listOption, z.array(promptOption)]).describe('prompts to try, by name or handle'),
  models: z
    .union([listOption, z.array(answererOption)])
    .describe('models to ask: names, deployments, addresses, or names at the endpoint'),
  metrics: evalOptions.shape.metrics,
  embedder: evalOptions.shape.embedder.describe(
    'local model whose embeddings semantic_similarity compares, the same for all models that are asked',
  ),
  target: z.string().optional().describe('column of the right answer; default: the one that no prompt reads'),
  limit: z.int().positive().optional().describe('ask about the first rows only'),
  prices: pricesOption.optional().describe('input/output price per million tokens, for example 0.15/0.60'),
  ...askOptions,
  seed: z.int().nonnegative().default(0).describe('of the bootstrap intervals'),
  as: recordName.optional().describe('variable that holds the matrix'),
});
export type MatrixOptions = z.output<typeof matrixOptions>;
