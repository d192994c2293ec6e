import type { Generation, Tokenizer } from '../../engine/types.ts';
import type { GenerationRequest } from '../scheduler.ts';
import { readJson } from './read-json.ts';
import { readCalls, type ToolCall, type ToolPlan } from './tool-plan.ts';

/** An answer with the functions that it calls; `tokens` counts theirs too, `logprobs` are of the text alone. */
export interface Answer extends Generation {
  readonly toolCalls?: readonly ToolCall[];
}

export interface ToolRequest extends GenerationRequest {
  readonly plan: ToolPlan;
  /** Called for each token of a call, which is no text of the answer. */
  onCallToken(): void;
  onCall(call: ToolCall, index: number): void;
}

/** More than any request needs: a model that goes round in circles ends. */
const mostCalls = 64;

/**
 * An answer in which the model may call functions. Its text runs free until it begins a call; the call is held to the
 * schema of its function, so that the arguments always parse; then the model goes on, with another call or not. The prompt
 * and what was said before are not computed again.
 */
export async function answerWithTools(
  request: ToolRequest,
  tokenizer: Tokenizer,
  submit: (request: GenerationRequest) => Promise<Generation>,
): Promise<Answer> {
  const { plan, options } = request;
  const { format } = plan;
  const encode = (text: string) => (text === '' ? [] : tokenizer.encode(text, { addSpecialTokens: false }));
  const [opening, closing] = [encode(format.open), encode(format.close)];
  const marker = createMarker(format.open.trim(), tokenizer);
  const calls: ToolCall[] = [];
  const texts: Generation[] = [];
  const tokens: number[] = [];
  let prompt = request.prompt;
  let finishReason: Generation['finishReason'] = 'stop';
  const left = () => options.maxNewTokens - tokens.length;

  async function speak(): Promise<boolean> {
    const free = { ...marker.stopAt(options), maxNewTokens: left() };
    const said = await submit({ ...request, prompt, options: free, goesOn: calls.length > 0 });
    texts.push(said);
    tokens.push(...said.tokens);
    finishReason = said.finishReason;
    if (!marker.isIn(said)) return false;
    prompt = [...prompt, ...marker.before(said)];
    return true;
  }

  async function call(): Promise<boolean> {
    prompt = [...prompt, ...opening];
    tokens.push(...opening);
    if (left() <= 0) return cut();
    const held = { ...options, stop: [], maxNewTokens: left(), constraint: { jsonSchema: plan.schema } };
    const onToken = request.onCallToken;
    const written = await submit({ ...request, prompt, options: held, onToken, goesOn: texts.length > 0 });
    tokens.push(...written.tokens);
    const read = readJson(written.text.trim(), 0);
    const found = read && readCalls(read.value, plan);
    if (found === undefined) return cut();
    for (const one of found) request.onCall(one, calls.push(one) - 1);
    prompt = [...prompt, ...written.tokens, ...closing];
    tokens.push(...closing);
    return true;
  }

  function cut(): false {
    finishReason = 'length';
    return false;
  }

  let hasMore = plan.isForced ? await call() : (await speak()) && (await call());
  const isOver = () => plan.isSingle || format.isList || format.open === '' || calls.length >= mostCalls || left() <= 0;
  while (hasMore && !isOver()) hasMore = (await speak()) && (await call());
  return toAnswer();

  function toAnswer(): Answer {
    const text = texts.map((said) => said.text).join('');
    const unmarked = format.open === '' && calls.length === 0 ? unmarkedCalls(text, plan) : undefined;
    for (const one of unmarked ?? []) request.onCall(one, calls.push(one) - 1);
    return {
      tokens,
      text: calls.length === 0 ? text : unmarked === undefined ? text.trimEnd() : '',
      logprobs: texts.flatMap((said) => said.logprobs),
      topLogprobs: texts.flatMap((said) => said.topLogprobs ?? []),
      finishReason,
      promptTokens: request.prompt.length,
      cachedTokens: 0,
      guessedTokens: 0,
      toolCalls: calls,
    };
  }
}

/** Calls that nothing marks: the whole answer is JSON, one after another. */
function unmarkedCalls(text: string, plan: ToolPlan): ToolCall[] | undefined {
  const calls: ToolCall[] = [];
  for (let at = text.search(/\S/); at >= 0 && at < text.length; ) {
    const read = readJson(text, at);
    const found = read && readCalls(read.value, plan);
    if (found === undefined) return undefined;
    calls.push(...found);
    at = read!.end + (/^[\s;]*/.exec(text.slice(read!.end))?.[0].length ?? 0);
  }
  return calls.length === 0 ? undefined : calls.slice(0, plan.isSingle ? 1 : undefined);
}

/** What announces a call in a model's text. */
interface Marker {
  stopAt(options: GenerationRequest['options']): GenerationRequest['options'];
  isIn(said: Generation): boolean;
  /** Tokens of what was said before it. */
  before(said: Generation): readonly number[];
}

/** A marker that is one token ends the answer as that; another one as a stop string. */
function createMarker(text: string, tokenizer: Tokenizer): Marker {
  if (text === '') return { stopAt: (options) => options, isIn: () => false, before: (said) => said.tokens };
  const ids = tokenizer.encode(text, { addSpecialTokens: false });
  if (ids.length === 1) {
    return {
      stopAt: (options) => ({ ...options, stopTokens: ids }),
      isIn: (said) => said.stopToken === ids[0],
      before: (said) => said.tokens,
    };
  }
  const textOf = (said: Generation) => tokenizer.decode(said.tokens, { skipSpecialTokens: true });
  return {
    stopAt: (options) => ({ ...options, stop: [...(options.stop ?? []), text] }),
    isIn: (said) => textOf(said).slice(said.text.length).startsWith(text),
    before: (said) => (said.text === '' ? [] : tokenizer.encode(said.text, { addSpecialTokens: false })),
  };
}
