import { type Metric, mean, meanMetric } from './metric.ts';
import { pairs } from './pairs.ts';

export type RougeType = 'rouge1' | 'rouge2' | 'rougeL';

export interface RougeScore {
  precision: number;
  recall: number;
  fmeasure: number;
}

const types: readonly RougeType[] = ['rouge1', 'rouge2', 'rougeL'];
const signature = 'tok:rouge-score|stem:no|agg:mean fmeasure';

/**
 * Mean F-measures of ROUGE-1, ROUGE-2 and ROUGE-L (Lin, 2004), equal to Google's `rouge-score` without stemming.
 * Its tokens are runs of a-z and 0-9 in lower case: text in other scripts has none and scores 0. Null for no samples.
 */
export function rouge(
  hypotheses: readonly string[],
  references: readonly string[],
): Record<RougeType, number | null> & { perSample: Record<RougeType, RougeScore>[]; signature: string } {
  const perSample = pairs(hypotheses, references).map(([hypothesis, reference]) => ({
    rouge1: rougeScore('rouge1', hypothesis, reference),
    rouge2: rougeScore('rouge2', hypothesis, reference),
    rougeL: rougeScore('rougeL', hypothesis, reference),
  }));
  const average = (type: RougeType) => mean(perSample.map((scores) => scores[type].fmeasure));
  return { rouge1: average('rouge1'), rouge2: average('rouge2'), rougeL: average('rougeL'), perSample, signature };
}

/** `rouge1`, `rouge2` and `rougeL` of `%eval`. */
export const rougeMetrics: readonly Metric[] = types.map((type) =>
  meanMetric({
    name: type,
    title: type.replace('rouge', 'ROUGE-'),
    signature,
    isProportion: false,
    score: ({ prediction, reference }) => rougeScore(type, prediction, reference).fmeasure,
  }),
);

function rougeScore(type: RougeType, hypothesis: string, reference: string): RougeScore {
  const predicted = rougeTokens(hypothesis);
  const wanted = rougeTokens(reference);
  if (type !== 'rougeL') return overlap(ngrams(predicted, type), ngrams(wanted, type));
  if (predicted.length === 0 || wanted.length === 0) return fromCounts(0, 1, 1);
  return fromCounts(longestCommonSubsequence(predicted, wanted), predicted.length, wanted.length);
}

function rougeTokens(text: string): string[] {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

function ngrams(tokens: readonly string[], type: RougeType): string[] {
  return type === 'rouge1' ? [...tokens] : tokens.slice(1).map((token, i) => `${tokens[i]} ${token}`);
}

function overlap(predicted: readonly string[], wanted: readonly string[]): RougeScore {
  const left = new Map<string, number>();
  for (const ngram of wanted) left.set(ngram, (left.get(ngram) ?? 0) + 1);
  let shared = 0;
  for (const ngram of predicted) {
    const count = left.get(ngram) ?? 0;
    if (count > 0) shared += 1;
    left.set(ngram, count - 1);
  }
  return fromCounts(shared, Math.max(predicted.length, 1), Math.max(wanted.length, 1));
}

function fromCounts(shared: number, predicted: number, wanted: number): RougeScore {
  const precision = shared / predicted;
  const recall = shared / wanted;
  const fmeasure = precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0;
  return { precision, recall, fmeasure };
}

function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const token of a) {
    const next = [0];
    for (let j = 1; j <= b.length; j++) {
      next.push(token === b[j - 1] ? row[j - 1]! + 1 : Math.max(row[j]!, next[j - 1]!));
    }
    row = next;
  }
  return row[b.length]!;
}
