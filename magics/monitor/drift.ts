import { chiSquared, kolmogorovSmirnov, populationStabilityIndex, quantile } from './statistics.ts';

/** Whether inputs differ from the training data in one respect. */
export interface DriftResult {
  readonly feature: 'length' | 'words' | 'vocabulary';
  readonly title: string;
  readonly test: 'Kolmogorov-Smirnov' | 'chi-squared';
  readonly pValue: number | null;
  /** Population stability index: the effect size that decides the verdict together with the p-value. */
  readonly psi: number | null;
  readonly verdict: 'too few samples' | 'no drift' | 'some drift' | 'drift';
  /** What changed, in words. */
  readonly detail: string;
}

/** Samples on each side below which nothing is said. */
export const minimumSamples = 30;
const significance = 0.01;
const stablePsi = 0.1;
const shiftedPsi = 0.25;
const bins = 10;
const vocabularySize = 50;

/**
 * Compares the inputs of requests with those of the training data. A difference counts only where it is both unlikely
 * by chance (p < 0.01) and large (PSI from 0.1 on), so that nothing alarms just because there are many requests.
 */
export function detectDrift(reference: readonly string[], current: readonly string[]): DriftResult[] {
  return [
    compareNumbers('length', 'input length (characters)', reference.map(lengthOf), current.map(lengthOf)),
    compareNumbers('words', 'words in an input', reference.map(wordCount), current.map(wordCount)),
    compareVocabulary(reference, current),
  ];
}

/** Characters of a text, as people count them. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}

function compareNumbers(
  feature: 'length' | 'words',
  title: string,
  reference: readonly number[],
  current: readonly number[],
): DriftResult {
  const edges = quantileEdges(reference);
  const psi = populationStabilityIndex(histogram(reference, edges), histogram(current, edges));
  const pValue = kolmogorovSmirnov(reference, current)?.pValue ?? null;
  const detail = `median ${median(current)} in requests, ${median(reference)} in training`;
  return {
    feature,
    title,
    test: 'Kolmogorov-Smirnov',
    pValue,
    psi,
    detail,
    verdict: judge(reference, current, pValue, psi),
  };
}

/** Frequencies of the commonest training words; all others are one category. */
function compareVocabulary(reference: readonly string[], current: readonly string[]): DriftResult {
  const [before, now] = [countWords(reference), countWords(current)];
  const common = [...before]
    .sort(([, a], [, b]) => b - a)
    .slice(0, vocabularySize)
    .map(([word]) => word);
  const counts = (words: ReadonlyMap<string, number>) => {
    const known = common.map((word) => words.get(word) ?? 0);
    const total = [...words.values()].reduce((sum, count) => sum + count, 0);
    return [...known, total - known.reduce((sum, count) => sum + count, 0)];
  };
  const [a, b] = [counts(before), counts(now)];
  const psi = populationStabilityIndex(a, b);
  const pValue = chiSquared(a, b)?.pValue ?? null;
  const unseen = [...now].filter(([word]) => !before.has(word)).sort(([, x], [, y]) => y - x);
  const share =
    unseen.reduce((sum, [, count]) => sum + count, 0) /
    Math.max(
      1,
      [...now.values()].reduce((x, y) => x + y, 0),
    );
  const examples = unseen
    .slice(0, 5)
    .map(([word]) => word)
    .join(', ');
  return {
    feature: 'vocabulary',
    title: 'words used',
    test: 'chi-squared',
    pValue,
    psi,
    detail: `${(share * 100).toFixed(1)}% of the words never seen in training${examples === '' ? '' : ` (${examples})`}`,
    verdict: judge(reference, current, pValue, psi),
  };
}

function judge(
  reference: readonly unknown[],
  current: readonly unknown[],
  pValue: number | null,
  psi: number | null,
): DriftResult['verdict'] {
  if (Math.min(reference.length, current.length) < minimumSamples || pValue === null || psi === null) {
    return 'too few samples';
  }
  if (pValue >= significance || psi < stablePsi) return 'no drift';
  return psi < shiftedPsi ? 'some drift' : 'drift';
}

/** Inner edges of bins that hold about equally many of the values; equal edges are one. */
function quantileEdges(values: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort();
  const edges = Array.from({ length: bins - 1 }, (_, i) => quantile(sorted, (i + 1) / bins) ?? 0);
  return [...new Set(edges)];
}

function histogram(values: readonly number[], edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) counts[edges.filter((edge) => value > edge).length]! += 1;
  return counts;
}

function countWords(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function wordCount(text: string): number {
  return wordsOf(text).length;
}

function median(values: readonly number[]): number | string {
  const value = quantile(Float64Array.from(values).sort(), 0.5);
  return value === null ? 'none' : Math.round(value * 10) / 10;
}
