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

/** Whether the most likely token is the label wherever a row carries weight. */
export function rowsCorrect({ rows, sequenceTokens, labels, weights }: Batch, predictions: BigInt64Array): boolean[] {
  return Array.from({ length: rows }, (_, row) => {
    for (let i = row * sequenceTokens; i < (row + 1) * sequenceTokens; i++) {
      if (weights[i]! > 0 && Number(predictions[i]) !== Number(labels[i])) return false;
    }
    return true;
  });
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
