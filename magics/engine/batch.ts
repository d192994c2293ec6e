import { UserError } from '../errors.ts';
import type { ModelConfig } from './config.ts';
import type { Batch } from './types.ts';

/** Throws a UserError unless the arrays fit the batch's shape, the model's context and its vocabulary. */
export function checkBatch(batch: Batch, { contextTokens, vocabularySize }: ModelConfig): void {
  const { rows, sequenceTokens, inputIds, labels, weights, segments = inputIds } = batch;
  const positions = rows * sequenceTokens;
  for (const [name, array] of Object.entries({ inputIds, labels, weights, segments })) {
    if (array.length !== positions) throw wrongLength(name, array.length, rows, sequenceTokens);
  }
  if (sequenceTokens > contextTokens) throw sequenceTooLong(sequenceTokens, contextTokens);
  for (const ids of [inputIds, labels]) {
    const outside = ids.find((id) => id < 0 || id >= vocabularySize);
    if (outside !== undefined) throw tokenOutsideVocabulary(Number(outside), vocabularySize);
  }
}

/** Sum of the weights of all positions. UserError if it is 0: such a batch has nothing to learn from. */
export function totalWeight(batches: readonly Batch[]): number {
  let sum = 0;
  for (const { weights } of batches) for (const weight of weights) sum += weight;
  if (!(sum > 0)) throw nothingToLearn(sum);
  return sum;
}

/** What a batch is to predict, one entry per position whose logits are computed. */
export interface LossTargets {
  /** Index of each position in [rows * sequenceTokens]. */
  readonly positions: readonly number[];
  readonly labels: BigInt64Array;
  readonly weights: Float32Array;
}

/** The numbers of targets of one batch shape differ in steps of at least this share of its positions. */
const targetShare = 1 / 8;

/**
 * The positions to compute logits at: those with weight, filled up with position 0 at weight 0 so that batches of one
 * shape have few different sizes; or all, where nearly all have weight.
 */
export function lossTargets({ labels, weights }: Pick<Batch, 'labels' | 'weights'>): LossTargets {
  const weighted: number[] = [];
  for (const [i, weight] of weights.entries()) if (weight > 0) weighted.push(i);
  const step = Math.max(8, Math.ceil(weights.length * targetShare));
  const size = Math.ceil(weighted.length / step) * step;
  if (size >= weights.length) return { positions: [...weights.keys()], labels: toInt64(labels), weights };
  const filled = [...weighted, ...new Array<number>(size - weighted.length).fill(0)];
  return {
    positions: filled,
    labels: BigInt64Array.from(filled, (i) => BigInt(labels[i]!)),
    weights: Float32Array.from(filled, (i, place) => (place < weighted.length ? weights[i]! : 0)),
  };
}

/** Whether the most likely token is the label wherever a row carries weight; predictions are in the order of the targets. */
export function rowsCorrect(
  { rows, sequenceTokens }: Batch,
  { positions, labels, weights }: LossTargets,
  predictions: BigInt64Array,
): boolean[] {
  const correct = new Array<boolean>(rows).fill(true);
  for (const [i, position] of positions.entries()) {
    if (weights[i]! > 0 && predictions[i] !== labels[i]) correct[Math.floor(position / sequenceTokens)] = false;
  }
  return correct;
}

export function toInt64(ids: Int32Array | BigInt64Array): BigInt64Array {
  return ids instanceof BigInt64Array ? ids : BigInt64Array.from(ids, BigInt);
}

function wrongLength(name: string, length: number, rows: number, tokens: number): UserError {
  return new UserError(`A batch of ${rows} rows of ${tokens} tokens needs ${rows * tokens} ${name}, not ${length}.`);
}

function sequenceTooLong(tokens: number, contextTokens: number): UserError {
  return new UserError(
    `A sequence of ${tokens} tokens is longer than the model's context of ${contextTokens}. Shorten sequence_len or split the rows.`,
  );
}

export function tokenOutsideVocabulary(id: number, vocabularySize: number): UserError {
  return new UserError(
    `Token id ${id} is outside the model's vocabulary of ${vocabularySize}. Use the tokenizer that belongs to the model.`,
  );
}

function nothingToLearn(sum: number): UserError {
  return new UserError(`The weights of the batch add up to ${sum}: no position is left to learn from.`);
}
