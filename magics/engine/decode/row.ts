import type { RandomStream } from '../random.ts';
import type { GenerateOptions, Generation, TokenChoice } from '../types.ts';
import type { ConstraintState } from './constraint.ts';
import type { Draft } from './draft.ts';
import type { Logits } from './model.ts';
import { hasPenalties, sampleToken } from './sample.ts';
import type { StopMatcher } from './stop-strings.ts';

export interface RowOptions {
  prompt: readonly number[];
  options: Omit<GenerateOptions, 'onToken'>;
  onToken?(id: number, logprob: number, top: readonly TokenChoice[]): void;
  random: RandomStream;
  stop: StopMatcher;
  stopTokens: ReadonlySet<number>;
  /** Most tokens that may follow the prompt, by the options and the context. */
  limit: number;
  constraint?: ConstraintState;
  draft?: Draft;
}

/** One sequence that is being decoded. */
export interface Row {
  readonly prompt: readonly number[];
  readonly options: RowOptions['options'];
  readonly generation: Generation;
  /** Prompt and answer; those before `cached` are in the cache. */
  readonly tokens: number[];
  cached: number;
  /** Absent: its tokens come one by one. */
  readonly draft?: Draft;
  /** Most tokens that it may still take. */
  readonly left: number;
  /** Whether more is asked than the likeliest token and its log-probability. */
  readonly needsLogits: boolean;
  /** Takes the next token from the logits at `place`; false when the sequence is finished. */
  advance(logits: Logits, place: number): boolean;
  /** Ends the sequence, and makes its text. */
  finish(reason?: Generation['finishReason']): void;
}

export function createRow(setup: RowOptions): Row {
  const { prompt, options, random, stop, stopTokens, limit, constraint, draft } = setup;
  const tokens = [...prompt];
  const seen = hasPenalties(options) ? { all: new Set(prompt), generated: new Map<number, number>() } : undefined;
  const generation: Generation = {
    tokens: [],
    text: '',
    logprobs: [],
    finishReason: 'length',
    promptTokens: prompt.length,
    cachedTokens: 0,
    guessedTokens: 0,
    ...(options.topLogprobs !== undefined && { topLogprobs: [] }),
  };

  const take = (id: number, logprob: number, top: TokenChoice[]): void => {
    tokens.push(id);
    generation.tokens.push(id);
    generation.logprobs.push(logprob);
    generation.topLogprobs?.push(top);
    seen?.all.add(id);
    seen?.generated.set(id, (seen.generated.get(id) ?? 0) + 1);
    setup.onToken?.(id, logprob, top);
  };

  const end = (reason: Generation['finishReason']): false => {
    generation.finishReason = reason;
    return false;
  };

  const isGreedy = seen === undefined && constraint === undefined && (options.temperature ?? 0) === 0;
  const tokensLeft = () => limit - generation.tokens.length;

  const advance = (logits: Logits, place: number): boolean => {
    const left = tokensLeft();
    if (left <= 0) return false;
    const own = logitsAt(logits, place);
    const choose = () => sampleToken(own.values, options, random, { seen, mask: constraint?.mask(left) });
    const id = isGreedy ? own.best : choose();
    if (id === -1) return end('stop');
    if (stopTokens.has(id) || options.stopTokens?.includes(id) === true) {
      generation.stopToken = id;
      return end('stop');
    }
    take(id, own.logprob(id), topChoices(own, options.topLogprobs ?? 0));
    if (stop.isFinished(generation.tokens)) return end('stop');
    constraint?.accept(id);
    if (constraint?.isComplete === true) return end('stop');
    return left > 1;
  };

  return {
    prompt,
    options,
    generation,
    tokens,
    cached: 0,
    draft,
    needsLogits: !isGreedy || (options.topLogprobs ?? 0) > 0,
    get left() {
      return tokensLeft();
    },
    advance,
    finish(reason) {
      if (reason !== undefined) generation.finishReason = reason;
      generation.text = stop.textOf(generation.tokens);
    },
  };
}

/** One position's logits [vocabulary]. */
interface PositionLogits {
  values: Float32Array;
  best: number;
  /** Under the model's own distribution, before penalties, temperature and cuts. */
  logprob(id: number): number;
}

function logitsAt({ all, best, bestLogProbability }: Logits, place: number): PositionLogits {
  const likeliest = Number(best[place]);
  if (all.length === 0) return { values: all, best: likeliest, logprob: () => bestLogProbability[place]! };
  const size = all.length / best.length;
  const values = all.subarray(place * size, (place + 1) * size);
  const shift = bestLogProbability[place]! - values[likeliest]!;
  return { values, best: likeliest, logprob: (id) => values[id]! + shift };
}

/** The likeliest tokens, best first. */
function topChoices({ values, logprob }: PositionLogits, count: number): TokenChoice[] {
  const top: number[] = [];
  for (let id = 0; count > 0 && id < values.length; id++) {
    if (top.length === count && values[id]! <= values[top.at(-1)!]!) continue;
    const place = top.findIndex((other) => values[other]! < values[id]!);
    top.splice(place === -1 ? top.length : place, 0, id);
    if (top.length > count) top.pop();
  }
  return top.map((id) => ({ id, logprob: logprob(id) }));
}
