import { z } from 'zod';
import { ApiError } from './api-error.ts';

const contentPart = z.strictObject({ type: z.literal('text'), text: z.string() });
const message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.union([z.string(), z.array(contentPart)]).transform(joinParts),
});

/** Fields that both endpoints share, with OpenAI's names and ranges. */
const sampling = {
  model: z.string(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
  max_tokens: z.int().positive().nullish(),
  seed: z.int().nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  n: z.literal(1, 'only one answer per request (n = 1) is supported').nullish(),
  /** Taken and ignored: they do not change the answer. */
  user: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  store: z.boolean().nullish(),
  frequency_penalty: z.literal(0, 'penalties are not supported: leave it 0').nullish(),
  presence_penalty: z.literal(0, 'penalties are not supported: leave it 0').nullish(),
};

/** Body of POST /v1/chat/completions. */
export const chatRequest = z.strictObject({
  ...sampling,
  messages: z.array(message).min(1),
  max_completion_tokens: z.int().positive().nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.literal(0, 'only the chosen token’s log-probability is available (top_logprobs = 0)').nullish(),
  response_format: z.strictObject({ type: z.literal('text') }).nullish(),
});
export type ChatRequest = z.output<typeof chatRequest>;

/** Body of POST /v1/completions. */
export const completionRequest = z.strictObject({
  ...sampling,
  prompt: z.union([
    z.string(),
    z
      .array(z.string())
      .length(1, 'one prompt per request')
      .transform(([text]) => text!),
  ]),
  echo: z.literal(false, 'echo is not supported').nullish(),
});
export type CompletionRequest = z.output<typeof completionRequest>;

/** Body of POST /v1/feedback. */
export const feedbackRequest = z.strictObject({
  request_id: z.string().min(1),
  name: z.string().min(1).max(100).default('thumbs'),
  value: z.union([z.enum(['up', 'down']), z.number(), z.boolean()]),
  rationale: z.string().max(10_000).optional(),
  source: z.string().max(200).default('api'),
});

/** Checks a request body; a bad one becomes a 400 that names the field. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw badBody(result.error.issues[0]!);
}

function badBody(issue: z.core.$ZodIssue): ApiError {
  const field = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const name = [field, issue.keys[0]!].filter(Boolean).join('.');
    return new ApiError(400, `Unrecognized request argument supplied: ${name}.`, { param: name });
  }
  if (field === '') return new ApiError(400, 'The request body must be a JSON object.');
  return new ApiError(400, `Invalid value for "${field}": ${issue.message}.`, { param: field });
}

function joinParts(content: string | { text: string }[]): string {
  return typeof content === 'string' ? content : content.map((part) => part.text).join('');
}
