import { z } from 'zod';
import { ApiError } from './api-error.ts';

const contentPart = z.strictObject({ type: z.literal('text'), text: z.string() });
const content = z.union([z.string(), z.array(contentPart)]).transform(joinParts);
const toolCall = z.object({
  id: z.string(),
  type: z.literal('function'),
  function: z.object({ name: z.string(), arguments: z.string().transform(parseArguments) }),
});
const message = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['system', 'developer', 'user']), content }),
  z.object({
    role: z.literal('assistant'),
    content: content.nullish(),
    tool_calls: z.array(toolCall).nullish(),
  }),
  z.object({ role: z.literal('tool'), content, tool_call_id: z.string().optional() }),
]);

/** A function that the model may call. */
const tool = z.strictObject({
  type: z.literal('function', 'only functions are supported'),
  function: z.strictObject({
    name: z.string().regex(/^[\w-]{1,64}$/, 'a name is 1 to 64 letters, digits, _ and -'),
    description: z.string().optional(),
    parameters: z.record(z.string(), z.unknown()).optional(),
    strict: z.boolean().nullish(),
  }),
});
const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: z.string() }) }),
]);

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
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  /** vLLM's additions. */
  top_k: z.int().min(-1).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  repetition_penalty: z.number().gt(0).max(2).nullish(),
  guided_choice: z.array(z.string()).min(1).nullish(),
};

const responseFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({
    type: z.literal('json_schema'),
    json_schema: z.strictObject({
      name: z.string(),
      description: z.string().optional(),
      schema: z.record(z.string(), z.unknown()),
      strict: z.boolean().nullish(),
    }),
  }),
]);

/** Body of POST /v1/chat/completions. */
export const chatRequest = z.strictObject({
  ...sampling,
  messages: z.array(message).min(1),
  max_completion_tokens: z.int().positive().nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  response_format: responseFormat.nullish(),
  tools: z.array(tool).max(128).nullish(),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
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

const tokenIds = z.array(z.int().nonnegative()).min(1);

/** Body of POST /v1/embeddings: a text or several, or their tokens. */
export const embeddingsRequest = z.strictObject({
  model: z.string(),
  input: z
    .union(
      [z.string(), z.array(z.string()).min(1).max(2048), tokenIds, z.array(tokenIds).min(1).max(2048)],
      'a text, or a list of 1 to 2048 texts, or their token ids',
    )
    .transform((input): (string | number[])[] => {
      if (typeof input === 'string') return [input];
      return typeof input[0] === 'number' ? [input as number[]] : (input as (string | number[])[]);
    }),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.never('an embedding is as long as the model’s hidden states; leave it out').optional(),
  /** Taken and ignored. */
  user: z.string().nullish(),
});

/** Body of POST /v1/load_lora_adapter. */
export const loadAdapterRequest = z.strictObject({
  lora_name: z.string().min(1).max(100),
  /** Folder in PEFT's layout on the server's machine. */
  lora_path: z.string().min(1),
});

/** Body of POST /v1/unload_lora_adapter. */
export const unloadAdapterRequest = z.strictObject({ lora_name: z.string().min(1) });

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

/** Chat templates take the arguments of a call as an object. */
function parseArguments(text: string, context: z.RefinementCtx): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  context.addIssue({ code: 'custom', message: 'the arguments are no JSON object' });
  return z.NEVER;
}

function joinParts(content: string | { text: string }[]): string {
  return typeof content === 'string' ? content : content.map((part) => part.text).join('');
}
