import type { ChatMessage } from '../engine/types.ts';
import { UserError } from '../errors.ts';
import { type ChatChunk, readChunks } from './chat-chunks.ts';
import type { JsonObject } from './output-schema.ts';

/** Where an OpenAI-compatible endpoint is and how it is asked. */
export interface ChatOptions {
  /** Base address, for example `http://127.0.0.1:8000/v1`. */
  readonly endpoint: string;
  /** Model name as the endpoint knows it; its first listed model when absent. */
  readonly model?: string;
  /** Bearer key; sent, never stored or logged. */
  readonly apiKey?: string;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly minP?: number;
  readonly repetitionPenalty?: number;
  readonly maxTokens?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  /** What the answer must be: JSON that this JSON Schema describes. */
  readonly jsonSchema?: JsonObject;
  readonly signal?: AbortSignal;
  /** Called with each piece of the answer as it arrives. */
  onText?(piece: string): void;
}

/** A model's answer. */
export interface PromptAnswer {
  readonly text: string;
  /** `stop`, `length`, ...; null when the endpoint does not say. */
  readonly finishReason: string | null;
  readonly model: string;
  readonly promptTokens?: number;
  readonly completionTokens?: number;
}

/** Asks an OpenAI-compatible endpoint and gives its answer, streamed to `onText`. */
export async function chat(messages: readonly ChatMessage[], options: ChatOptions): Promise<PromptAnswer> {
  const model = options.model ?? (await firstModel(options));
  const response = await request(options, '/chat/completions', {
    model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
    temperature: options.temperature,
    top_p: options.topP,
    max_tokens: options.maxTokens,
    seed: options.seed,
    stop: options.stop,
    // Names that vLLM added to OpenAI's.
    top_k: options.topK,
    min_p: options.minP,
    repetition_penalty: options.repetitionPenalty,
    response_format: options.jsonSchema && {
      type: 'json_schema',
      json_schema: { name: 'answer', schema: options.jsonSchema },
    },
  });
  let text = '';
  let finishReason: string | null = null;
  let usage: ChatChunk['usage'];
  for await (const chunk of readChunks(response, options.endpoint)) {
    if (chunk.error !== undefined) throw refused(options.endpoint, response.status, chunk.error.message ?? 'error');
    const [choice] = chunk.choices ?? [];
    const piece = choice?.delta?.content ?? '';
    if (piece !== '') options.onText?.(piece);
    text += piece;
    finishReason = choice?.finish_reason ?? finishReason;
    usage = chunk.usage ?? usage;
  }
  return { text, finishReason, model, promptTokens: usage?.prompt_tokens, completionTokens: usage?.completion_tokens };
}

/** The key in an environment variable; a UserError when it is not set. The key itself is never part of a message. */
export function keyFromEnvironment(name: string, environment: NodeJS.ProcessEnv = process.env): string {
  const key = environment[name];
  if (key !== undefined && key !== '') return key;
  throw new UserError(
    `The environment variable ${name} is not set. Set it to the endpoint's key before starting the kernel.`,
    {
      offending: name,
    },
  );
}

/** The first model that an endpoint lists. */
export async function firstModel(options: Pick<ChatOptions, 'endpoint' | 'apiKey' | 'signal'>): Promise<string> {
  const response = await request(options, '/models');
  const list = (await response.json()) as { data?: readonly { id: string }[] };
  const id = list.data?.[0]?.id;
  if (id === undefined) throw new UserError(`${options.endpoint} lists no models. Name one with --model NAME.`);
  return id;
}

async function request(
  options: Pick<ChatOptions, 'endpoint' | 'apiKey' | 'signal'>,
  route: string,
  body?: unknown,
): Promise<Response> {
  const url = `${options.endpoint.replace(/\/+$/, '')}${route}`;
  const headers = {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }),
  };
  const method = body === undefined ? 'GET' : 'POST';
  const init = { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: options.signal };
  const response = await fetch(url, init).catch((error: unknown) => {
    if (options.signal?.aborted === true) throw error;
    throw unreachable(url, error);
  });
  if (!response.ok) throw refused(options.endpoint, response.status, await errorText(response));
  return response;
}

async function errorText(response: Response): Promise<string> {
  const text = await response.text();
  try {
    return (JSON.parse(text) as { error?: { message?: string } }).error?.message ?? text.slice(0, 200);
  } catch {
    return text.slice(0, 200);
  }
}

function unreachable(url: string, cause: unknown): UserError {
  const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
  return new UserError(`${url} cannot be reached: ${reason}. Is the server running, and does the address end in /v1?`, {
    cause,
  });
}

function refused(endpoint: string, status: number, message: string): UserError {
  const hint =
    status === 401 || status === 403
      ? ' Name the environment variable that holds the key with --key-env NAME.'
      : status === 404
        ? ' Check the address (it usually ends in /v1) and the model name.'
        : '';
  return new UserError(`${endpoint} answered ${status}: ${message.replace(/\.$/, '')}.${hint}`);
}
