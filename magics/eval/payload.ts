import { z } from 'zod';

const message = z.strictObject({ role: z.enum(['system', 'user', 'assistant', 'tool']), content: z.string() });

/** One line of a requests file: what the model is asked, and what it should answer. */
export const evalRequest = z.strictObject({ messages: z.array(message), reference: z.string() });
export type EvalRequest = z.output<typeof evalRequest>;

/** What an `eval` job is given. */
export const evalPayload = z.strictObject({
  modelFolder: z.string().describe('absolute path'),
  requests: z.string().describe('absolute path of a JSON Lines file of requests'),
  maxNewTokens: z.int().positive(),
  withLikelihood: z.boolean().describe('also score each reference given its messages'),
});
export type EvalPayload = z.output<typeof evalPayload>;

/** One line of a predictions file, in the order of the requests. */
export const prediction = z.strictObject({
  text: z.string(),
  tokens: z.int(),
  logprob: z.number().nullable().describe('of the whole answer, nats'),
  finishReason: z.enum(['stop', 'length', 'aborted']),
  referenceLogprob: z.number().nullable().describe('sum over the reference’s tokens, nats; null when not computed'),
  referenceTokens: z.int(),
});
export type Prediction = z.output<typeof prediction>;

/** What an `eval` job answers. */
export const evalResult = z.strictObject({
  predictions: z.string().describe('absolute path of a JSON Lines file of predictions'),
  device: z.string(),
  seconds: z.number(),
  tokens: z.int().describe('tokens generated'),
});
export type EvalResult = z.output<typeof evalResult>;

/** What a `generate` job is given. */
export const generatePayload = z.strictObject({
  modelFolder: z.string().describe('absolute path'),
  messages: z.array(z.array(message)).describe('one conversation per answer'),
  options: z
    .strictObject({
      maxNewTokens: z.int().positive().default(256),
      temperature: z.number().min(0).optional(),
      topP: z.number().optional(),
      topK: z.int().optional(),
      minP: z.number().optional(),
      repetitionPenalty: z.number().positive().optional(),
      constraint: z.strictObject({ jsonSchema: z.record(z.string(), z.unknown()) }).optional(),
      seed: z.int().optional(),
      stop: z.array(z.string()).optional(),
    })
    .prefault({}),
});

/** What a `generate` job answers: one output per conversation. */
export const generateResult = z.strictObject({
  outputs: z.array(z.strictObject({ text: z.string(), tokens: z.int(), finishReason: z.string() })),
  device: z.string(),
});
export type GenerateResult = z.output<typeof generateResult>;
