import { createNgramOverlap } from '../tokens/ngram-overlap.ts';
import { createTokenTable } from '../tokens/token-table.ts';
import { isWhiteSpace, splitWords } from '../tokens/white-space.ts';
import type { AdditiveMetric } from './metric.ts';
import { countReferences, type References, sumStatistics } from './references.ts';
import { sacrebleuVersion } from './sacrebleu-version.ts';

/** Options of sacreBLEU's chrF, under our names. */
export interface ChrfOptions {
  /** Longest n-gram of characters; 6 by default. */
  characterOrder?: number;
  /** Longest n-gram of words; 0 by default, 2 for chrF++. */
  wordOrder?: number;
  /** Weight of recall over precision; 2 by default. */
  beta?: number;
  lowercase?: boolean;
  /** Whether blanks are characters. */
  whitespace?: boolean;
  /** Averages F over all orders, absent ones as almost 0, as chrF++.py does; otherwise only orders that occur count. */
  epsilonSmoothing?: boolean;
}

export interface ChrfScore {
  /** 0 to 100. */
  score: number;
  signature: string;
}

/** Corpus chrF (Popović, 2015), with `wordOrder: 2` chrF++ (Popović, 2017). Equal to `sacrebleu.CHRF(...).corpus_score`. */
export function chrf(
  hypotheses: readonly string[],
  references: readonly References[],
  options: ChrfOptions = {},
): ChrfScore {
  const sums = sumStatistics(hypotheses, references, chrfWidth(options), createChrfCounter(options));
  return { score: fScore(sums, options), signature: chrfSignature(countReferences(references), options) };
}

/** `chrf` of `%eval`, or `chrf++` with `wordOrder: 2`: corpus chrF against one reference. */
export function chrfMetric(options: ChrfOptions = {}): AdditiveMetric {
  const count = createChrfCounter(options);
  const plus = '+'.repeat(options.wordOrder ?? 0);
  return {
    name: `chrf${plus}`,
    title: `chrF${plus}`,
    unit: 'points',
    better: 'higher',
    signature: chrfSignature('1', options),
    isProportion: false,
    width: chrfWidth(options),
    statistics: ({ prediction, reference }) => count(prediction, [reference]),
    value: (sums) => (Array.from(sums).some((sum) => sum > 0) ? fScore(sums, options) : null),
  };
}

/** Vector of one segment: [hypothesis n-grams, reference n-grams, matches] for each order, characters first. */
function chrfWidth({ characterOrder = 6, wordOrder = 0 }: ChrfOptions): number {
  return 3 * (characterOrder + wordOrder);
}

/** Statistics against the reference with the best F; the first one on a tie. */
function createChrfCounter(options: ChrfOptions) {
  const { characterOrder = 6, wordOrder = 0, lowercase = false, whitespace = false } = options;
  const overlap = createNgramOverlap();
  let words = createTokenTable();
  const prepare = (text: string) => {
    const line = lowercase ? text.toLowerCase() : text;
    return {
      characters: codePoints(line, whitespace),
      words: wordOrder === 0 ? [] : splitPunctuation(line).map((word) => words.id(word)),
    };
  };
  return (hypothesis: string, references: readonly string[]): number[] => {
    if (words.size > 1 << 20) words = createTokenTable();
    const made = prepare(hypothesis);
    let [best, bestScore]: [number[], number] = [[], -1];
    for (const reference of references) {
      const wanted = prepare(reference);
      const statistics = [
        ...orderStatistics(
          overlap(made.characters, [wanted.characters], characterOrder),
          made.characters,
          wanted.characters,
        ),
        ...orderStatistics(overlap(made.words, [wanted.words], wordOrder), made.words, wanted.words),
      ];
      const score = fScore(statistics, options);
      if (score > bestScore) [best, bestScore] = [statistics, score];
    }
    return best;
  };
}

function orderStatistics(matches: readonly number[], made: readonly number[], wanted: readonly number[]): number[] {
  return matches.flatMap((match, i) => {
    const inReference = Math.max(0, wanted.length - i);
    return [inReference > 0 ? Math.max(0, made.length - i) : 0, inReference, match];
  });
}

function fScore(sums: ArrayLike<number>, options: ChrfOptions): number {
  const { characterOrder = 6, wordOrder = 0, beta = 2, epsilonSmoothing = false } = options;
  const epsilon = 1e-16;
  const factor = beta ** 2;
  const orders = characterOrder + wordOrder;
  let [score, precisions, recalls, present] = [0, 0, 0, 0];
  for (let i = 0; i < orders; i++) {
    const [made, wanted, matches] = [sums[3 * i]!, sums[3 * i + 1]!, sums[3 * i + 2]!];
    const precision = made > 0 ? matches / made : epsilon;
    const recall = wanted > 0 ? matches / wanted : epsilon;
    const denominator = factor * precision + recall;
    score += denominator > 0 ? ((1 + factor) * precision * recall) / denominator : epsilon;
    if (made === 0 || wanted === 0) continue;
    precisions += precision;
    recalls += recall;
    present += 1;
  }
  if (epsilonSmoothing) return (100 * score) / orders;
  if (precisions + recalls === 0) return 0;
  const [precision, recall] = [precisions / present, recalls / present];
  return (100 * (1 + factor) * precision * recall) / (factor * precision + recall);
}

function codePoints(text: string, whitespace: boolean): number[] {
  const points: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i)!;
    if (point > 0xffff) i++;
    if (whitespace || !isWhiteSpace(point)) points.push(point);
  }
  return points;
}

/** Words with one ASCII punctuation character split off, from the end if there is one, else from the beginning. */
function splitPunctuation(line: string): string[] {
  return splitWords(line).flatMap((word) => {
    if (word.length === 1) return [word];
    if (punctuation.test(word.at(-1)!)) return [word.slice(0, -1), word.at(-1)!];
    return punctuation.test(word[0]!) ? [word[0]!, word.slice(1)] : [word];
  });
}

const punctuation = /[!-/:-@[-`{-~]/;

function chrfSignature(references: string, options: ChrfOptions): string {
  const { characterOrder = 6, wordOrder = 0, lowercase, epsilonSmoothing, whitespace } = options;
  const letters = lowercase ? 'lc' : 'mixed';
  const effective = epsilonSmoothing ? 'no' : 'yes';
  const space = whitespace ? 'yes' : 'no';
  return `nrefs:${references}|case:${letters}|eff:${effective}|nc:${characterOrder}|nw:${wordOrder}|space:${space}|version:${sacrebleuVersion}`;
}
