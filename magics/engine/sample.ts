import type { RandomStream } from './random.ts';

export interface SamplingOptions {
  /** 0 means greedy. */
  temperature?: number;
  topP?: number;
  topK?: number;
}

export interface SampledToken {
  id: number;
  /** Of the model's own distribution, before temperature and cuts. */
  logprob: number;
}

/** Picks the next token from its logits: the most likely one, or a draw after temperature, top-k and top-p, in this order. */
export function sampleToken(
  logits: Float32Array,
  { temperature = 0, topP = 1, topK = 0 }: SamplingOptions,
  random: RandomStream,
): SampledToken {
  const best = indexOfLargest(logits);
  const id = temperature === 0 ? best : draw(candidates(logits, logits[best]!, temperature, topK, topP), random);
  return { id, logprob: logits[id]! - logits[best]! - Math.log(sumOfExponentials(logits, logits[best]!)) };
}

interface Candidate {
  id: number;
  share: number;
}

/** The tokens that may be drawn with their unnormalized shares, most likely first if any are cut. */
function candidates(
  logits: Float32Array,
  largest: number,
  temperature: number,
  topK: number,
  topP: number,
): Candidate[] {
  const all = Array.from(logits, (logit, id) => ({ id, share: Math.exp((logit - largest) / temperature) }));
  if (topK <= 0 && topP >= 1) return all;
  all.sort((a, b) => b.share - a.share || a.id - b.id);
  const kept = topK > 0 ? all.slice(0, topK) : all;
  const limit = topP * kept.reduce((sum, { share }) => sum + share, 0);
  let sum = 0;
  const end = kept.findIndex(({ share }) => {
    sum += share;
    return sum >= limit;
  });
  return end === -1 ? kept : kept.slice(0, end + 1);
}

function draw(tokens: readonly Candidate[], random: RandomStream): number {
  let rest = random.uniform() * tokens.reduce((sum, { share }) => sum + share, 0);
  for (const { id, share } of tokens) {
    rest -= share;
    if (rest < 0) return id;
  }
  return tokens.at(-1)!.id;
}

function indexOfLargest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

function sumOfExponentials(values: Float32Array, largest: number): number {
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return sum;
}
