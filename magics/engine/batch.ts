import { UserError } from '../errors.ts';
import type { ModelConfig } from './config.ts';
import type { Batch } from './types.ts';

/** Throws a UserError unless the arrays fit the batch's shape, the model's context and its vocabulary. */
export function checkBatch(batch: Batch, { contextTokens, vocabularySize }: ModelConfig): void {
  const { rows, sequenceTokens, inputIds, labels, weights } = batch;
  const positions = rows * sequenceTokens;
  for (const [name, array] of Object.entries({ inputIds, labels, weights })) {
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
  /** True when these are only some of the batch's positions: those with weight, padded with position 0 at weight 0. */
  readonly isSelection: boolean;
}

/** A selection pays when it leaves out at least three quarters of the positions. */
const selectionShare = 1 / 4;

/**
 * The positions to compute logits at: all, or, where few carry weight, those alone. The size of a selection is
 * rows * a power of two, so that batches of one shape share few graphs.
 */
export function lossTargets({ rows, sequenceTokens, labels, weights }: Batch): LossTargets {
  const weighted: number[] = [];
  const perRow = new Array<number>(rows).fill(0);
  for (const [i, weight] of weights.entries()) {
    if (weight <= 0) continue;
    weighted.push(i);
    perRow[Math.floor(i / sequenceTokens)]!++;
  }
  const size = rows * 2 ** Math.ceil(Math.log2(Math.max(1, ...perRow)));
  if (size > weights.length * selectionShare) {
    return { positions: [...weights.keys()], labels: toInt64(labels), weights, isSelection: false };
  }
  const padding = new Array<number>(size - weighted.length).fill(0);
  return {
    positions: [...weighted, ...padding],
    labels: BigInt64Array.from([...weighted, ...padding], (i) => BigInt(labels[i]!)),
    weights: Float32Array.from([...weighted.map((i) => weights[i]!), ...padding]),
    isSelection: true,
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
