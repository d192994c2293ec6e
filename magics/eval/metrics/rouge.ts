import { commonPlaces, createCommonLength } from '../tokens/common-subsequence.ts';
import { createNgramOverlap } from '../tokens/ngram-overlap.ts';
import { createRougeTokenizer } from '../tokens/rouge-tokenizer.ts';
import { type Metric, mean, meanMetric } from './metric.ts';
import { pairs } from './pairs.ts';
import { countReferences, listReferences, type References } from './references.ts';

export type RougeType = 'rouge1' | 'rouge2' | 'rougeL' | 'rougeLsum';

export interface RougeOptions {
  /** Compares stems of words (Porter's, as NLTK extends it). */
  stemmer?: boolean;
}

export interface RougeScore {
  precision: number;
  recall: number;
  fmeasure: number;
}

const types: readonly RougeType[] = ['rouge1', 'rouge2', 'rougeL', 'rougeLsum'];
/** The rouge-score release whose numbers these are. */
const version = '0.1.2';

/**
 * Mean F-measures of ROUGE-1, ROUGE-2, ROUGE-L and ROUGE-Lsum (Lin, 2004), equal to Google's `rouge-score`. Lsum's
 * sentences are lines, as there by default. Of several references the one with the best F counts. Null for no samples.
 */
export function rouge(
  hypotheses: readonly string[],
  references: readonly References[],
  options: RougeOptions = {},
): Record<RougeType, number | null> & { perSample: Record<RougeType, RougeScore>[]; signature: string } {
  const score = createRougeScorer(options);
  const perSample = pairs(hypotheses, references).map(([hypothesis, wanted]) =>
    score(hypothesis, listReferences(wanted)),
  );
  const average = (type: RougeType) => mean(perSample.map((scores) => scores[type].fmeasure));
  return {
    rouge1: average('rouge1'),
    rouge2: average('rouge2'),
    rougeL: average('rougeL'),
    rougeLsum: average('rougeLsum'),
    perSample,
    signature: rougeSignature(countReferences(references), options),
  };
}

/** `rouge1`, `rouge2`, `rougeL` and `rougeLsum` of `%eval`. */
export function rougeMetrics(options: RougeOptions = {}): Metric[] {
  const score = createRougeScorer(options);
  return types.map((type) =>
    meanMetric({
      name: type,
      title: type.replace('rouge', 'ROUGE-'),
      signature: rougeSignature('1', options),
      isProportion: false,
      score: ({ prediction, reference }) => score(prediction, [reference], [type])[type].fmeasure,
    }),
  );
}

type ScoreOne = (
  hypothesis: string,
  references: readonly string[],
  wantedTypes?: readonly RougeType[],
) => Record<RougeType, RougeScore>;

function createRougeScorer({ stemmer = false }: RougeOptions): ScoreOne {
  const tokenize = createRougeTokenizer(stemmer);
  const overlap = createNgramOverlap();
  const commonLength = createCommonLength();
  const byOverlap = (made: readonly number[], wanted: readonly number[], order: number): RougeScore => {
    const matches = overlap(made, [wanted], order)[order - 1]!;
    return fromCounts(matches, made.length - order + 1, wanted.length - order + 1);
  };
  const byLines = (hypothesis: string, reference: string): RougeScore => {
    const lines = (text: string) => text.split('\n').flatMap((line) => (line === '' ? [] : [tokenize(line)]));
    return summaryScore(lines(hypothesis), lines(reference));
  };
  return (hypothesis, references, wantedTypes = types) => {
    const made = tokenize(hypothesis);
    const best = {} as Record<RougeType, RougeScore>;
    for (const reference of references) {
      const wanted = tokenize(reference);
      const isOneLine = !hypothesis.includes('\n') && !reference.includes('\n');
      const byLength = () => fromCounts(commonLength(made, wanted), made.length, wanted.length);
      for (const type of wantedTypes) {
        const score =
          type === 'rouge1' || type === 'rouge2'
            ? byOverlap(made, wanted, type === 'rouge1' ? 1 : 2)
            : type === 'rougeL' || isOneLine
              ? byLength()
              : byLines(hypothesis, reference);
        if (best[type] === undefined || score.fmeasure > best[type].fmeasure) best[type] = score;
      }
    }
    return best;
  };
}

/** ROUGE-Lsum: tokens of each reference line that any hypothesis line has in common order, none counted twice. */
function summaryScore(made: readonly number[][], wanted: readonly number[][]): RougeScore {
  const left = [countTokens(made), countTokens(wanted)];
  let hits = 0;
  for (const reference of wanted) {
    const places = new Set(made.flatMap((line) => commonPlaces(reference, line)));
    for (const place of [...places].sort((a, b) => a - b)) {
      const token = reference[place]!;
      if (left.some((counts) => (counts.get(token) ?? 0) === 0)) continue;
      for (const counts of left) counts.set(token, counts.get(token)! - 1);
      hits += 1;
    }
  }
  const length = (lines: readonly number[][]) => lines.reduce((sum, line) => sum + line.length, 0);
  return fromCounts(hits, length(made), length(wanted));
}

function countTokens(lines: readonly number[][]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const token of lines.flat()) counts.set(token, (counts.get(token) ?? 0) + 1);
  return counts;
}

function fromCounts(shared: number, predicted: number, wanted: number): RougeScore {
  const precision = shared / Math.max(predicted, 1);
  const recall = shared / Math.max(wanted, 1);
  const fmeasure = precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0;
  return { precision, recall, fmeasure };
}

function rougeSignature(references: string, { stemmer = false }: RougeOptions): string {
  return `nrefs:${references}|tok:rouge-score|stem:${stemmer ? 'porter' : 'no'}|split:lines|agg:mean fmeasure|version:${version}`;
}
