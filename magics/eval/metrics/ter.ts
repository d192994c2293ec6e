import { createTokenTable } from '../tokens/token-table.ts';
import { type TerTokenizerOptions, tokenizeTer } from '../tokens/tokenize-ter.ts';
import { translationEdits } from '../tokens/translation-edits.ts';
import type { AdditiveMetric } from './metric.ts';
import { countReferences, type References, sumStatistics } from './references.ts';
import { sacrebleuVersion } from './sacrebleu-version.ts';

/** Options of sacreBLEU's TER, under our names. */
export type TerOptions = TerTokenizerOptions;

export interface TerScore {
  /** Edits per 100 reference words; 0 is best, above 100 is possible. */
  score: number;
  edits: number;
  /** Words of the references, averaged over several. */
  referenceWords: number;
  signature: string;
}

/** Corpus translation edit rate (Snover et al., 2006). Equal to `sacrebleu.TER(...).corpus_score`. */
export function ter(
  hypotheses: readonly string[],
  references: readonly References[],
  options: TerOptions = {},
): TerScore {
  const sums = sumStatistics(hypotheses, references, 2, (hypothesis, wanted) =>
    terStatistics(hypothesis, wanted, options),
  );
  const signature = terSignature(countReferences(references), options);
  return { score: rate(sums), edits: sums[0]!, referenceWords: sums[1]!, signature };
}

/** `ter` of `%eval`: corpus TER against one reference. */
export function terMetric(options: TerOptions = {}): AdditiveMetric {
  return {
    name: 'ter',
    title: 'TER',
    unit: 'points',
    better: 'lower',
    signature: terSignature('1', options),
    isProportion: false,
    width: 2,
    statistics: ({ prediction, reference }) => terStatistics(prediction, [reference], options),
    value: (sums) => (sums[0]! === 0 && sums[1]! === 0 ? null : rate(sums)),
  };
}

/**
 * [fewest edits to any reference, mean words of the references] of one segment. References are tokenized twice, because
 * sacreBLEU does so: with `normalized` the second time can split more.
 */
function terStatistics(hypothesis: string, references: readonly string[], options: TerOptions): number[] {
  const table = createTokenTable();
  const prepare = (text: string) => tokenizeTer(text, options).map((word) => table.id(word));
  const words = prepare(hypothesis);
  const wanted = references.map((reference) => prepare(tokenizeTer(reference, options).join(' ')));
  const edits = Math.min(...wanted.map((reference) => translationEdits(words, reference)));
  return [edits, wanted.reduce((sum, reference) => sum + reference.length, 0) / wanted.length];
}

function rate(sums: ArrayLike<number>): number {
  const [edits, words] = [sums[0]!, sums[1]!];
  if (words > 0) return (100 * edits) / words;
  return edits > 0 ? 100 : 0;
}

function terSignature(references: string, options: TerOptions): string {
  const yes = (flag: boolean | undefined) => (flag ? 'yes' : 'no');
  return [
    `nrefs:${references}`,
    `case:${options.caseSensitive ? 'mixed' : 'lc'}`,
    'tok:tercom',
    `norm:${yes(options.normalized)}`,
    `punct:${yes(!options.noPunctuation)}`,
    `asian:${yes(options.asianSupport)}`,
    `version:${sacrebleuVersion}`,
  ].join('|');
}
