import type { Metric } from './metric.ts';
import { pairs } from './pairs.ts';
import { tokenize13a } from './tokenize-13a.ts';

/** The sacreBLEU release whose numbers these are. */
const sacrebleuVersion = '2.6.0';
const maxOrder = 4;
/** Vector of one segment: [hypothesis tokens, closest reference tokens, correct 1..4-grams, total 1..4-grams]. */
const width = 2 + 2 * maxOrder;

export interface BleuScore {
  /** 0 to 100. */
  score: number;
  /** Percent of correct n-grams for n = 1..4, smoothed. */
  precisions: number[];
  brevityPenalty: number;
  hypothesisTokens: number;
  referenceTokens: number;
  signature: string;
}

/** One reference, or several of which each n-gram may match any. */
export type References = string | readonly string[];

/**
 * Corpus BLEU (Papineni et al., 2002) with sacreBLEU's defaults (Post, 2018): 13a tokens, mixed case, exponential smoothing.
 * Equal to `sacrebleu.corpus_bleu`.
 */
export function bleu(hypotheses: readonly string[], references: readonly References[]): BleuScore {
  const sums = new Array<number>(width).fill(0);
  for (const [hypothesis, wanted] of pairs(hypotheses, references)) {
    const statistics = bleuStatistics(hypothesis, wanted);
    for (let i = 0; i < width; i++) sums[i]! += statistics[i]!;
  }
  const several = Math.max(1, ...references.map((r) => (typeof r === 'string' ? 1 : r.length)));
  return { ...bleuFromStatistics(sums), signature: bleuSignature(several, false) };
}

/** BLEU of one segment with the effective order, equal to `sacrebleu.sentence_bleu`. */
export function sentenceBleu(hypothesis: string, references: References): BleuScore {
  const score = bleuFromStatistics(bleuStatistics(hypothesis, references), { effectiveOrder: true });
  return { ...score, signature: bleuSignature(typeof references === 'string' ? 1 : references.length, true) };
}

/** `bleu` of `%eval`: corpus BLEU against one reference. */
export const bleuMetric: Metric = {
  name: 'bleu',
  title: 'BLEU',
  unit: 'points',
  better: 'higher',
  signature: bleuSignature(1, false),
  isProportion: false,
  width,
  statistics: ({ prediction, reference }) => bleuStatistics(prediction, reference),
  value: (sums) => (sums[1]! === 0 && sums[0]! === 0 ? null : bleuFromStatistics(sums).score),
};

function bleuStatistics(hypothesis: string, references: References): number[] {
  const tokens = tokenize13a(hypothesis);
  const wanted = (typeof references === 'string' ? [references] : references).map(tokenize13a);
  const correct: number[] = [];
  const total: number[] = [];
  for (let order = 1; order <= maxOrder; order++) {
    const limits = maxCounts(wanted.map((reference) => countNgrams(reference, order)));
    let matches = 0;
    for (const [ngram, count] of countNgrams(tokens, order)) matches += Math.min(count, limits.get(ngram) ?? 0);
    correct.push(matches);
    total.push(Math.max(0, tokens.length - order + 1));
  }
  return [tokens.length, closestLength(tokens.length, wanted), ...correct, ...total];
}

function bleuFromStatistics(
  sums: ArrayLike<number>,
  options: { effectiveOrder?: boolean } = {},
): Omit<BleuScore, 'signature'> {
  const hypothesisTokens = sums[0]!;
  const referenceTokens = sums[1]!;
  const brevityPenalty = penalty(hypothesisTokens, referenceTokens);
  const precisions = new Array<number>(maxOrder).fill(0);
  const lengths = { brevityPenalty, hypothesisTokens, referenceTokens };
  if (![0, 1, 2, 3].some((i) => sums[2 + i]! > 0)) return { score: 0, precisions, ...lengths };
  let smoothing = 1;
  let order = maxOrder;
  for (let n = 1; n <= maxOrder; n++) {
    const correct = sums[1 + n]!;
    const total = sums[1 + maxOrder + n]!;
    if (total === 0) break;
    if (options.effectiveOrder) order = n;
    if (correct === 0) smoothing *= 2;
    precisions[n - 1] = correct === 0 ? 100 / (smoothing * total) : (100 * correct) / total;
  }
  const used = precisions.slice(0, order);
  const logMean = used.reduce((sum, p) => sum + (p === 0 ? -9999999999 : Math.log(p)), 0) / order;
  return { score: brevityPenalty * Math.exp(logMean), precisions, ...lengths };
}

function penalty(hypothesisTokens: number, referenceTokens: number): number {
  if (hypothesisTokens >= referenceTokens) return 1;
  return hypothesisTokens > 0 ? Math.exp(1 - referenceTokens / hypothesisTokens) : 0;
}

function countNgrams(tokens: readonly string[], order: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + order <= tokens.length; i++) {
    const ngram = tokens.slice(i, i + order).join(' ');
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}

function maxCounts(counts: readonly Map<string, number>[]): Map<string, number> {
  const limits = new Map<string, number>();
  for (const one of counts)
    for (const [ngram, count] of one) limits.set(ngram, Math.max(count, limits.get(ngram) ?? 0));
  return limits;
}

/** Length of the reference closest to the hypothesis's; the shorter one on a tie. */
function closestLength(length: number, references: readonly (readonly string[])[]): number {
  const lengths = references.map((reference) => reference.length);
  return lengths.sort((a, b) => Math.abs(a - length) - Math.abs(b - length) || a - b)[0] ?? 0;
}

function bleuSignature(references: number, effectiveOrder: boolean): string {
  return `nrefs:${references}|case:mixed|eff:${effectiveOrder ? 'yes' : 'no'}|tok:13a|smooth:exp|version:${sacrebleuVersion}`;
}
