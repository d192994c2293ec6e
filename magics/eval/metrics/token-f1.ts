import { splitWords } from '../tokens/white-space.ts';
import { type AdditiveMetric, mean, meanMetric } from './metric.ts';
import { pairs } from './pairs.ts';

const signature = 'norm:squad|tok:space';

/**
 * Mean F1 over the tokens that prediction and reference share, as in the SQuAD 2.0 evaluation script
 * (Rajpurkar et al., 2018): lower case, ASCII punctuation and the articles a, an, the removed, split at white space.
 * Null for no samples.
 */
export function tokenF1(
  predictions: readonly string[],
  references: readonly string[],
): { score: number | null; perSample: number[]; signature: string } {
  const perSample = pairs(predictions, references).map(([p, r]) => f1(p, r));
  return { score: mean(perSample), perSample, signature };
}

/** `token_f1` of `%eval`. */
export const tokenF1Metric: AdditiveMetric = meanMetric({
  name: 'token_f1',
  title: 'token F1',
  signature,
  isProportion: false,
  score: ({ prediction, reference }) => f1(prediction, reference),
});

function f1(prediction: string, reference: string): number {
  const predicted = squadTokens(prediction);
  const wanted = squadTokens(reference);
  if (predicted.length === 0 || wanted.length === 0) return Number(predicted.length === wanted.length);
  const left = new Map<string, number>();
  for (const token of wanted) left.set(token, (left.get(token) ?? 0) + 1);
  let shared = 0;
  for (const token of predicted) {
    const count = left.get(token) ?? 0;
    if (count === 0) continue;
    left.set(token, count - 1);
    shared += 1;
  }
  if (shared === 0) return 0;
  const precision = shared / predicted.length;
  const recall = shared / wanted.length;
  return (2 * precision * recall) / (precision + recall);
}

function squadTokens(text: string): string[] {
  const bare = text.toLowerCase().replace(/[!-/:-@[-`{-~]/g, '');
  return splitWords(bare.replace(/(?<![\p{L}\p{N}_])(a|an|the)(?![\p{L}\p{N}_])/gu, ' '));
}
