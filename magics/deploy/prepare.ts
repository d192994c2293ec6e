import { randomInt } from 'node:crypto';
import type { Generator, OutputConstraint, ToolDefinition, ToolMessage } from '../engine/types.ts';
import { type ApiError, contextTooLong, invalidField, modelNotFound } from './api-error.ts';
import { type ChatRequest, type CompletionRequest, chatRequest, completionRequest, parseBody } from './requests.ts';
import type { GenerationRequest } from './scheduler.ts';
import { type AnswerShape, chatShape, completionShape } from './shapes.ts';
import type { CallFormat } from './tools/call-format.ts';
import { planTools, type ToolPlan } from './tools/tool-plan.ts';

/** What a request body asks for, checked and in the engine's terms. */
export interface PreparedRequest {
  prompt: readonly number[];
  options: GenerationRequest['options'];
  shape: AnswerShape;
  stream: boolean;
  includeUsage: boolean;
  logprobs: boolean;
  /** What the answer says it came from: the served model's first name, or the adapter's. */
  modelName: string;
  /** How the answer may call functions. */
  tools?: ToolPlan;
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
  format(messages: readonly ToolMessage[], tools?: readonly ToolDefinition[]): readonly number[];
  /** How the model calls functions, if it does. */
  readonly callFormat?: CallFormat;
}

/** Reads the body of POST /v1/chat/completions. Throws an ApiError that names the wrong field. */
export function prepareChat(body: unknown, model: ServedModel): PreparedRequest {
  const request = parseBody(chatRequest, body);
  const messages = toMessages(request.messages);
  const { tools, plan } = planTools(request, model.callFormat);
  const prompt = model.format(messages, tools);
  const maxTokens = request.max_completion_tokens ?? request.max_tokens;
  const prepared = prepare(request, prompt, maxTokens ?? undefined, model);
  const topLogprobs = request.top_logprobs ?? 0;
  if (topLogprobs > 0 && request.logprobs !== true) throw logprobsNotAsked();
  return {
    ...prepared,
    options: {
      ...prepared.options,
      constraint: prepared.options.constraint ?? formatConstraint(request.response_format),
      ...(topLogprobs > 0 && { topLogprobs }),
    },
    shape: chatShape,
    tools: plan,
    logprobs: request.logprobs ?? false,
    input: messages.findLast((message) => message.role === 'user')?.content ?? '',
  };
}

/** Some templates want a function's name beside what it gave, which requests leave out. */
function toMessages(messages: ChatRequest['messages']): ToolMessage[] {
  const names = new Map<string, string>();
  return messages.map((message) => {
    if (message.role === 'developer') return { role: 'system', content: message.content };
    if (message.role === 'tool') return { ...message, name: names.get(message.tool_call_id ?? '') };
    if (message.role !== 'assistant') return { ...message, role: message.role };
    const { content, tool_calls: calls } = message;
    for (const call of calls ?? []) names.set(call.id, call.function.name);
    return { role: 'assistant', content: content ?? '', ...(calls && calls.length > 0 && { tool_calls: calls }) };
  });
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
): Pick<PreparedRequest, 'prompt' | 'options' | 'stream' | 'includeUsage' | 'modelName'> {
  const { contextTokens } = model.generator;
  const { adapter, modelName } = servedAs(request.model, model);
  const wanted = prompt.length + (maxTokens ?? 1);
  if (wanted > contextTokens)
    throw contextTooLong(wanted, contextTokens, maxTokens === undefined ? 'messages' : 'max_tokens');
  const temperature = request.temperature ?? model.temperature;
  return {
    prompt,
    options: {
      maxNewTokens: maxTokens ?? contextTokens - prompt.length,
      temperature,
      ...samplingOptions(request, temperature),
      stop: typeof request.stop === 'string' ? [request.stop] : (request.stop ?? []),
      adapter,
      constraint: request.guided_choice ? { choices: request.guided_choice } : undefined,
    },
    modelName,
    stream: request.stream ?? false,
    includeUsage: request.stream_options?.include_usage ?? false,
  };
}

/** The adapter that a request names as its model, if it is one, and the name that its answer carries. */
export function servedAs(
  asked: string,
  { generator: { adapters }, names }: ServedModel,
): { adapter: string | undefined; modelName: string } {
  const adapter = adapters.includes(asked) ? asked : undefined;
  if (adapter === undefined && !names.includes(asked)) throw modelNotFound(asked, [...names, ...adapters]);
  return { adapter, modelName: adapter ?? names[0]! };
}

function samplingOptions(request: ChatRequest | CompletionRequest, temperature: number) {
  const penalties = {
    repetitionPenalty: request.repetition_penalty ?? undefined,
    presencePenalty: request.presence_penalty ?? undefined,
    frequencyPenalty: request.frequency_penalty ?? undefined,
  };
  if (temperature === 0) return penalties;
  return {
    ...penalties,
    topP: request.top_p ?? undefined,
    topK: request.top_k ?? undefined,
    minP: request.min_p ?? undefined,
    seed: request.seed ?? randomInt(2 ** 31),
  };
}

function formatConstraint(format: ChatRequest['response_format']): OutputConstraint | undefined {
  if (format?.type === 'json_object') return { json: true };
  return format?.type === 'json_schema' ? { jsonSchema: format.json_schema.schema } : undefined;
}

function logprobsNotAsked(): ApiError {
  return invalidField('top_logprobs', 'top_logprobs needs logprobs: true.');
}
