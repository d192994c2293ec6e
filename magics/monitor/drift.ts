import { compareCounts, compareNumbers, type Drift } from '../dataset/drift.ts';
import { quantile } from '../dataset/statistics.ts';

export { minimumSamples } from '../dataset/drift.ts';

/** Whether inputs differ from the training data in one respect. */
export interface DriftResult extends Pick<Drift, 'test' | 'pValue' | 'psi' | 'verdict'> {
  readonly feature: 'length' | 'words' | 'vocabulary';
  readonly title: string;
  /** What changed, in words. */
  readonly detail: string;
}

const vocabularySize = 50;

/**
 * Compares the inputs of requests with those of the training data. A difference counts only where it is both unlikely
 * by chance (p < 0.01) and large (PSI from 0.1 on), so that nothing alarms just because there are many requests.
 */
export function detectDrift(reference: readonly string[], current: readonly string[]): DriftResult[] {
  return [
    compareLengths('length', 'input length (characters)', reference.map(lengthOf), current.map(lengthOf)),
    compareLengths('words', 'words in an input', reference.map(wordCount), current.map(wordCount)),
    compareVocabulary(reference, current),
  ];
}

/** Characters of a text, as people count them. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}

function compareLengths(
  feature: 'length' | 'words',
  title: string,
  reference: readonly number[],
  current: readonly number[],
): DriftResult {
  const { test, pValue, psi, verdict } = compareNumbers(reference, current);
  const detail = `median ${median(current)} in requests, ${median(reference)} in training`;
  return { feature, title, test, pValue, psi, verdict, detail };
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
  const { test, pValue, psi, verdict } = compareCounts(a, b, Math.min(reference.length, current.length));
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
    test,
    pValue,
    psi,
    detail: `${(share * 100).toFixed(1)}% of the words never seen in training${examples === '' ? '' : ` (${examples})`}`,
    verdict,
  };
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
