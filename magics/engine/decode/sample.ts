import type { RandomStream } from '../random.ts';

export interface SamplingOptions {
  /** 0 means greedy. */
  temperature?: number;
  /** Keeps the likeliest tokens that together have this share. */
  topP?: number;
  /** Keeps so many of the likeliest tokens; 0 keeps all. */
  topK?: number;
  /** Keeps tokens that have at least this fraction of the likeliest one's share. */
  minP?: number;
  /** Divides positive logits of tokens that were seen, and multiplies negative ones (Keskar et al. 2019); 1 changes nothing. */
  repetitionPenalty?: number;
  /** Taken off the logit of each token that was generated, as OpenAI defines it: once, and for each time. */
  presencePenalty?: number;
  frequencyPenalty?: number;
}

/** What was seen so far, for the penalties. */
export interface SeenTokens {
  /** Of the prompt and the answer. */
  all: ReadonlySet<number>;
  /** How often each was generated. */
  generated: ReadonlyMap<number, number>;
}

/** Tokens that may come next: bit id % 32 of word id / 32. */
export type TokenMask = Uint32Array;

export function isAllowed(mask: TokenMask, id: number): boolean {
  return ((mask[id >>> 5]! >>> (id & 31)) & 1) === 1;
}

/**
 * Picks the next token from its logits: the most likely one, or a draw after penalties, temperature, top-k, top-p and
 * min-p, in this order. Tokens outside the mask are out from the start.
 */
export function sampleToken(
  logits: Float32Array,
  options: SamplingOptions,
  random: RandomStream,
  { seen, mask }: { seen?: SeenTokens; mask?: TokenMask } = {},
): number {
  const adjusted = seen === undefined ? logits : penalize(logits, options, seen);
  const best = indexOfLargest(adjusted, mask);
  const { temperature = 0 } = options;
  return temperature === 0 ? best : draw(candidates(adjusted, adjusted[best]!, options, mask), random);
}

/** Whether the options change logits by what was seen. */
export function hasPenalties({ repetitionPenalty = 1, presencePenalty = 0, frequencyPenalty = 0 }: SamplingOptions) {
  return repetitionPenalty !== 1 || presencePenalty !== 0 || frequencyPenalty !== 0;
}

/** Index of the largest number among those allowed. */
export function indexOfLargest(values: Float32Array, mask?: TokenMask): number {
  let best = -1;
  for (let i = 0; i < values.length; i++) {
    if (best !== -1 && values[i]! <= values[best]!) continue;
    if (mask === undefined || isAllowed(mask, i)) best = i;
  }
  return best;
}

function penalize(logits: Float32Array, options: SamplingOptions, seen: SeenTokens): Float32Array {
  const { repetitionPenalty = 1, presencePenalty = 0, frequencyPenalty = 0 } = options;
  const adjusted = Float32Array.from(logits);
  for (const id of seen.all) {
    const logit = adjusted[id]!;
    adjusted[id] = logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty;
  }
  for (const [id, count] of seen.generated) adjusted[id]! -= presencePenalty + frequencyPenalty * count;
  return adjusted;
}

interface Candidate {
  id: number;
  share: number;
}

/** Shares below e^-30 of the largest are left out: all of them together are drawn once in a hundred million times. */
const negligible = 30;

/** The tokens that may be drawn with their shares relative to the largest, the likeliest first if any are cut. */
function candidates(
  logits: Float32Array,
  largest: number,
  { temperature = 1, topK = 0, topP = 1, minP = 0 }: SamplingOptions,
  mask: TokenMask | undefined,
): Candidate[] {
  const all: Candidate[] = [];
  const least = largest - negligible * temperature;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    if (logit < least || (mask !== undefined && !isAllowed(mask, id))) continue;
    all.push({ id, share: Math.exp((logit - largest) / temperature) });
  }
  if (topK <= 0 && topP >= 1) return all.filter(({ share }) => share >= minP);
  all.sort((a, b) => b.share - a.share || a.id - b.id);
  const kept = topK > 0 ? all.slice(0, topK) : all;
  return keepTop(kept, topP).filter(({ share }) => share >= minP);
}

/** The first candidates whose shares reach `topP` of all. */
function keepTop(sorted: Candidate[], topP: number): Candidate[] {
  const limit = topP * sorted.reduce((sum, { share }) => sum + share, 0);
  let sum = 0;
  const end = sorted.findIndex(({ share }) => {
    sum += share;
    return sum >= limit;
  });
  return end === -1 ? sorted : sorted.slice(0, end + 1);
}

function draw(tokens: readonly Candidate[], random: RandomStream): number {
  let rest = random.uniform() * tokens.reduce((sum, { share }) => sum + share, 0);
  for (const { id, share } of tokens) {
    rest -= share;
    if (rest < 0) return id;
  }
  return tokens.at(-1)!.id;
}
