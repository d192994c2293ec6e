import { randomInt } from 'node:crypto';
import type { ChatMessage, Generator } from '../engine/types.ts';
import { contextTooLong, modelNotFound } from './api-error.ts';
import { type ChatRequest, type CompletionRequest, chatRequest, completionRequest, parseBody } from './requests.ts';
import type { GenerationRequest } from './scheduler.ts';
import { type AnswerShape, chatShape, completionShape } from './shapes.ts';

/** What a request body asks for, checked and in the engine's terms. */
export interface PreparedRequest {
  prompt: readonly number[];
  options: GenerationRequest['options'];
  shape: AnswerShape;
  stream: boolean;
  includeUsage: boolean;
  logprobs: boolean;
  /** For the request log: the last user message, or the prompt. */
  input: string;
}

/** What requests are checked against. */
export interface ServedModel {
  readonly generator: Generator;
  /** Names by which requests may ask for the model; answers carry the first. */
  readonly names: readonly string[];
  /** Temperature of requests that set none. */
  readonly temperature: number;
  /** Token ids of a conversation, formatted as training did, up to where the answer begins. */
  format(messages: readonly ChatMessage[]): readonly number[];
}

/** Reads the body of POST /v1/chat/completions. Throws an ApiError that names the wrong field. */
export function prepareChat(body: unknown, model: ServedModel): PreparedRequest {
  const request = parseBody(chatRequest, body);
  const messages = request.messages.map(
    ({ role, content }): ChatMessage => ({
      role: role === 'developer' ? 'system' : role,
      content,
    }),
  );
  const prompt = model.format(messages);
  const maxTokens = request.max_completion_tokens ?? request.max_tokens;
  return {
    ...prepare(request, prompt, maxTokens ?? undefined, model),
    shape: chatShape,
    logprobs: request.logprobs ?? false,
    input: messages.findLast((message) => message.role === 'user')?.content ?? '',
  };
}

/** Reads the body of POST /v1/completions; the prompt goes to the model as it is. */
export function prepareCompletion(body: unknown, model: ServedModel): PreparedRequest {
  const request = parseBody(completionRequest, body);
  const prompt = model.generator.tokenizer.encode(request.prompt);
  return {
    ...prepare(request, prompt, request.max_tokens ?? 16, model),
    shape: completionShape,
    logprobs: false,
    input: request.prompt,
  };
}

function prepare(
  request: ChatRequest | CompletionRequest,
  prompt: readonly number[],
  maxTokens: number | undefined,
  model: ServedModel,
): Pick<PreparedRequest, 'prompt' | 'options' | 'stream' | 'includeUsage'> {
  if (!model.names.includes(request.model)) throw modelNotFound(request.model, model.names);
  const { contextTokens } = model.generator;
  const wanted = prompt.length + (maxTokens ?? 1);
  if (wanted > contextTokens)
    throw contextTooLong(wanted, contextTokens, maxTokens === undefined ? 'messages' : 'max_tokens');
  const temperature = request.temperature ?? model.temperature;
  return {
    prompt,
    options: {
      maxNewTokens: maxTokens ?? contextTokens - prompt.length,
      temperature,
      ...(temperature > 0 && { topP: request.top_p ?? 1, seed: request.seed ?? randomInt(2 ** 31) }),
      stop: typeof request.stop === 'string' ? [request.stop] : (request.stop ?? []),
    },
    stream: request.stream ?? false,
    includeUsage: request.stream_options?.include_usage ?? false,
  };
}
