import { z } from 'zod';
import { environment, input, recordName } from '../governance/record-parts.ts';
import { newModel, trainingConfig } from './config.ts';
import { rowSource } from './documents.ts';

/** What a fine-tune job is given. */
export const finetunePayload = z.strictObject({
  base: z.union([z.strictObject({ ref: z.string(), folder: z.string() }), z.strictObject({ create: newModel })]),
  train: z.array(rowSource),
  validation: z.array(rowSource),
  config: trainingConfig,
});
export type FinetunePayload = z.output<typeof finetunePayload>;

/** What is recorded of a training besides its payload and result: kept with the job, so that another kernel can end its cell. */
export const finetuneRecord = z.strictObject({
  name: recordName,
  prompt: z.string().optional(),
  inputs: z.array(input),
  environment,
});
export type FinetuneRecord = z.output<typeof finetuneRecord>;

/** What a fine-tune job answers. */
export const finetuneResult = z.strictObject({
  folder: z.string().describe('absolute path of the model in Hugging Face layout, adapter/ inside'),
  architecture: z.string(),
  device: z.string(),
  engine: z.string().optional().describe('what computed, where it was not ONNX Runtime: tfjs wasm'),
  totalParameters: z.int(),
  trainableParameters: z.int(),
  steps: z.int(),
  tokens: z.int().describe('tokens trained on, padding not counted'),
  seconds: z.number(),
  examples: z.strictObject({ train: z.int(), validation: z.int(), tooLong: z.int() }),
  memory: z.strictObject({ estimated: z.int(), peak: z.int() }).describe('bytes'),
  estimatedSeconds: z.number().optional().describe('judged after the first steps'),
  trainLoss: z.number(),
  validationLoss: z.number().optional(),
  validationExactMatch: z.number().optional(),
  stopped: z.string().optional().describe('why training ended before its last step'),
});
export type FinetuneResult = z.output<typeof finetuneResult>;

/** What a fine-tune job says when its model is loaded. */
export const readyPayload = z.strictObject({ device: z.string() });
