import { z } from 'zod';
import { listOption } from '../dataset/options.ts';
import { modelOption } from '../eval/options.ts';
import { recordName } from '../governance/record-parts.ts';
import type { Deployment } from '../handles.ts';

/** An option that names a deployment: its name or its handle. */
export const deploymentOption = z
  .union([z.string(), z.custom<Deployment>(isDeployment, 'not a deployment')])
  .transform((value) => (typeof value === 'string' ? value : value.name));

/** The options of `%deploy MODEL`. */
export const startOptions = z.strictObject({
  model: modelOption.describe('model to serve: name, name@v1.0.0, a folder, owner/name of the hub or ${run.model}'),
  as: recordName.optional().describe('name of the deployment and variable that holds it; default: the model’s name'),
  port: z.int().min(0).max(65535).default(0).describe('port to listen at; default: any free one'),
  host: z.string().default('127.0.0.1').describe('address to listen at; others than this machine need --api-key-env'),
  apiKeyEnv: z.string().optional().describe('environment variable that holds the key; default: a new random key'),
  noLogText: z.boolean().default(false).describe('leave inputs and outputs out of the request log'),
  temperature: z.number().min(0).max(2).default(0).describe('of requests that set none; 0 takes the likeliest token'),
  maxBatch: z.int().positive().max(256).default(16).describe('requests answered together'),
  quantize: z
    .enum(['none', 'int8', 'int4'])
    .default('none')
    .describe('round the weights: less memory, faster, slightly different answers'),
  adapters: listOption
    .default([])
    .describe('LoRA adapters served beside the model, as name=folder; requests name one as their model'),
  queue: z.int().positive().max(10_000).default(64).describe('requests that may wait; more are refused with 503'),
  device: z.enum(['auto', 'cpu', 'webgpu', 'cuda']).default('auto').describe('where the model runs'),
});
export type StartOptions = z.output<typeof startOptions>;

const as = z.string().optional().describe('variable that holds the result');

/** The options of `%deploy stop`. */
export const stopOptions = z.strictObject({ name: deploymentOption.describe('deployment to stop'), as });

/** The options of `%deploy status`. */
export const statusOptions = z.strictObject({
  name: deploymentOption.optional().describe('one deployment; default: all'),
  as,
});

/** The options of `%deploy list`. */
export const listOptions = z.strictObject({ as });

function isDeployment(value: unknown): value is Deployment {
  return typeof value === 'object' && value !== null && 'name' in value && 'url' in value && 'chat' in value;
}
