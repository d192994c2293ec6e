import { z } from 'zod';
import type { Deployment, ModelReference, Run } from '../../handles.ts';

/** An option that names what answers: a model, a deployment's handle, or an address. */
export const answererOption = z.union([
  z.string(),
  z.custom<ModelReference | Run | Deployment>(
    (value) => typeof value === 'object' && value !== null && ('folder' in value || 'model' in value || 'url' in value),
    'not a model',
  ),
]);

/** The options of every verb that asks models call by call. */
export const askOptions = {
  endpoint: z
    .string()
    .optional()
    .describe('address of an OpenAI-compatible endpoint, for example http://127.0.0.1:8000/v1'),
  keyEnv: z.string().optional().describe("environment variable that holds the endpoint's key; the key is never stored"),
  maxTokens: z.int().positive().max(8192).default(512).describe('tokens at which an answer is cut'),
  fresh: z.boolean().default(false).describe('ask anew, even what was answered before'),
};
