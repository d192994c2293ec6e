import { suggestion, UserError } from '../../errors.ts';
import { type BleuTokenizer, bleuTokenizers, unavailableTokenizers } from '../tokens/bleu-tokenizers.ts';
import { createNgramOverlap } from '../tokens/ngram-overlap.ts';
import { createTokenTable } from '../tokens/token-table.ts';
import { trimEnd } from '../tokens/white-space.ts';
import type { AdditiveMetric } from './metric.ts';
import { countReferences, listReferences, type References, sumStatistics } from './references.ts';
import { sacrebleuVersion } from './sacrebleu-version.ts';

const maxOrder = 4;
/** Vector of one segment: [hypothesis tokens, closest reference tokens, correct 1..4-grams, total 1..4-grams]. */
const width = 2 + 2 * maxOrder;
/** Distinct tokens at which a segment counter starts afresh, so that a long session does not keep every word it saw. */
const maxTokens = 1 << 20;

/** Options of sacreBLEU's BLEU, under our names. */
export interface BleuOptions {
  /** `13a` by default. */
  tokenize?: BleuTokenizer;
  lowercase?: boolean;
  /** What becomes of orders without a match (Chen and Cherry, 2014); `exp` by default. */
  smoothing?: 'none' | 'floor' | 'add-k' | 'exp';
  /** Of `floor` (0.1 by default) and `add-k` (1 by default). */
  smoothValue?: number;
  /** Leaves out orders for which a text is too short; meant for single sentences. */
  effectiveOrder?: boolean;
}

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

/** Corpus BLEU (Papineni et al., 2002). Equal to `sacrebleu.BLEU(...).corpus_score` (Post, 2018). */
export function bleu(
  hypotheses: readonly string[],
  references: readonly References[],
  options: BleuOptions = {},
): BleuScore {
  const sums = sumStatistics(hypotheses, references, width, createBleuCounter(options));
  return { ...bleuFromStatistics(sums, options), signature: bleuSignature(countReferences(references), options) };
}

/** BLEU of one segment with the effective order, equal to `sacrebleu.sentence_bleu`. */
export function sentenceBleu(hypothesis: string, references: References, options: BleuOptions = {}): BleuScore {
  return bleu([hypothesis], [listReferences(references)], { effectiveOrder: true, ...options });
}

/** `bleu` of `%eval`: corpus BLEU against one reference. */
export function bleuMetric(options: BleuOptions = {}): AdditiveMetric {
  const count = createBleuCounter(options);
  return {
    name: 'bleu',
    title: 'BLEU',
    unit: 'points',
    better: 'higher',
    signature: bleuSignature('1', options),
    isProportion: false,
    width,
    statistics: ({ prediction, reference }) => count(prediction, [reference]),
    value: (sums) => (sums[1]! === 0 && sums[0]! === 0 ? null : bleuFromStatistics(sums, options).score),
  };
}

/** The tokenizer of that name; names the ones that sacreBLEU has and we do not. */
export function checkBleuTokenizer(name: string): BleuTokenizer {
  if (Object.hasOwn(bleuTokenizers, name)) return name as BleuTokenizer;
  throw tokenizerNotFound(name);
}

function createBleuCounter({ tokenize = '13a', lowercase = false }: BleuOptions) {
  const split = bleuTokenizers[checkBleuTokenizer(tokenize)];
  const overlap = createNgramOverlap();
  let table = createTokenTable();
  const prepare = (text: string) => split(trimEnd(lowercase ? text.toLowerCase() : text), table);
  return (hypothesis: string, references: readonly string[]): number[] => {
    if (table.size > maxTokens) table = createTokenTable();
    const tokens = prepare(hypothesis);
    const wanted = references.map(prepare);
    const statistics = [tokens.length, closestLength(tokens.length, wanted), ...overlap(tokens, wanted, maxOrder)];
    for (let order = 1; order <= maxOrder; order++) statistics.push(Math.max(0, tokens.length - order + 1));
    return statistics;
  };
}

const defaultSmoothValues: Readonly<Record<string, number>> = { floor: 0.1, 'add-k': 1 };

function bleuFromStatistics(sums: ArrayLike<number>, options: BleuOptions): Omit<BleuScore, 'signature'> {
  const { smoothing = 'exp', effectiveOrder = false } = options;
  const { smoothValue = defaultSmoothValues[smoothing] ?? 0 } = options;
  const [hypothesisTokens, referenceTokens] = [sums[0]!, sums[1]!];
  const brevityPenalty = penalty(hypothesisTokens, referenceTokens);
  const precisions = new Array<number>(maxOrder).fill(0);
  const lengths = { brevityPenalty, hypothesisTokens, referenceTokens };
  if (![0, 1, 2, 3].some((i) => sums[2 + i]! > 0)) return { score: 0, precisions, ...lengths };
  let unmatched = 0;
  let order = maxOrder;
  for (let n = 1; n <= maxOrder; n++) {
    const added = smoothing === 'add-k' && n > 1 ? smoothValue : 0;
    const correct = sums[1 + n]! + added;
    const total = sums[1 + maxOrder + n]! + added;
    if (total === 0) break;
    if (effectiveOrder) order = n;
    if (correct > 0) precisions[n - 1] = (100 * correct) / total;
    else if (smoothing === 'exp') precisions[n - 1] = 100 / (2 ** ++unmatched * total);
    else if (smoothing === 'floor') precisions[n - 1] = (100 * smoothValue) / total;
  }
  const used = precisions.slice(0, order);
  const logMean = used.reduce((sum, p) => sum + (p === 0 ? -9999999999 : Math.log(p)), 0) / order;
  return { score: brevityPenalty * Math.exp(logMean), precisions, ...lengths };
}

function penalty(hypothesisTokens: number, referenceTokens: number): number {
  if (hypothesisTokens >= referenceTokens) return 1;
  return hypothesisTokens > 0 ? Math.exp(1 - referenceTokens / hypothesisTokens) : 0;
}

/** Length of the reference closest to the hypothesis's; the shorter one on a tie. */
function closestLength(length: number, references: readonly (readonly number[])[]): number {
  let closest = -1;
  for (const { length: other } of references) {
    const nearer = Math.abs(length - other) - Math.abs(length - closest);
    if (closest < 0 || nearer < 0 || (nearer === 0 && other < closest)) closest = other;
  }
  return closest;
}

function bleuSignature(references: string, options: BleuOptions): string {
  const { tokenize = '13a', smoothing = 'exp', smoothValue = defaultSmoothValues[smoothing] } = options;
  const smooth = smoothing in defaultSmoothValues ? `${smoothing}[${smoothValue!.toFixed(2)}]` : smoothing;
  const letters = options.lowercase ? 'lc' : 'mixed';
  const effective = options.effectiveOrder ? 'yes' : 'no';
  return `nrefs:${references}|case:${letters}|eff:${effective}|tok:${tokenize}|smooth:${smooth}|version:${sacrebleuVersion}`;
}

function tokenizerNotFound(name: string): UserError {
  const names = Object.keys(bleuTokenizers);
  const needs = unavailableTokenizers[name];
  const reason =
    needs === undefined
      ? `There is no BLEU tokenizer "${name}".`
      : `The BLEU tokenizer "${name}" needs ${needs}, which is not part of this program.`;
  return new UserError(
    `${reason}${needs === undefined ? suggestion(name, names, 'Tokenizers') : ` Tokenizers: ${names.join(', ')}.`}`,
    {
      offending: name,
    },
  );
}
