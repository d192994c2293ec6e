import { shuffled } from '../dataset/random.ts';
import { randomStream } from '../engine/random.ts';
import type { Batch } from '../engine/types.ts';
import type { Example } from './examples.ts';
import { packRows } from './pack.ts';

/** Which examples make a batch, row by row, and the length that rows are padded to. */
export interface PlannedBatch {
  readonly sequenceTokens: number;
  /** Several examples in a row only when they are packed. */
  readonly rows: readonly (readonly Example[])[];
}

/** How examples are put into batches. */
export interface BatchPlan {
  /** Rows in a batch. */
  readonly rows: number;
  /** Sequence lengths to pad to, ascending; without packing. */
  readonly buckets: readonly number[];
  /** With packing: how many positions a row may hold, and whether shorter rows are padded to that. */
  readonly packing?: { readonly capacity: number; readonly padsToCapacity: boolean };
}

/** Positions that an example fills: its last token is predicted, never read. */
export function positionsOf(example: Pick<Example, 'ids'>): number {
  return example.ids.length - 1;
}

/**
 * The batches of one pass over the examples, in a random order that depends on `seed` and `epoch` alone. Every example
 * comes once, in a batch of its bucket; those that fill no batch of their bucket move up to the next.
 */
export function planEpoch(
  examples: readonly Example[],
  { seed, epoch, ...plan }: BatchPlan & { seed: number; epoch: number },
): PlannedBatch[] {
  const random = randomStream(seed, 'epoch', epoch).uniform;
  return shuffled(inBatches(shuffled(examples, random), plan, random), random);
}

/** The batches of the examples in their order; packed rows are put together by length, and shuffled if `random` is given. */
export function inBatches(examples: readonly Example[], plan: BatchPlan, random?: () => number): PlannedBatch[] {
  return plan.packing === undefined ? byLength(examples, plan) : packed(examples, plan, plan.packing, random);
}

function byLength(examples: readonly Example[], { buckets, rows }: BatchPlan): PlannedBatch[] {
  const batches: PlannedBatch[] = [];
  let waiting: readonly Example[] = [];
  let smaller = 0;
  for (const bucket of buckets) {
    const fits = (e: Example) => positionsOf(e) <= bucket && (positionsOf(e) > smaller || smaller === 0);
    const fitting = [...waiting, ...examples.filter(fits)];
    const isLast = bucket === buckets.at(-1);
    const end = isLast ? fitting.length : fitting.length - (fitting.length % rows);
    for (let i = 0; i < end; i += rows) {
      const chosen = fitting.slice(i, Math.min(i + rows, end));
      batches.push({ sequenceTokens: bucket, rows: chosen.map((example) => [example]) });
    }
    waiting = fitting.slice(end);
    smaller = bucket;
  }
  return batches;
}

/** Rows end at a multiple of so many positions: few different shapes. */
const rowMultiple = 16;

function packed(
  examples: readonly Example[],
  { rows }: BatchPlan,
  { capacity, padsToCapacity }: NonNullable<BatchPlan['packing']>,
  random?: () => number,
): PlannedBatch[] {
  const full = packRows(examples, positionsOf, capacity);
  const ordered = random === undefined ? full : shuffled(full, random);
  const batches: PlannedBatch[] = [];
  for (let i = 0; i < ordered.length; i += rows) {
    const chosen = ordered.slice(i, i + rows);
    const longest = Math.max(...chosen.map((row) => row.reduce((sum, example) => sum + positionsOf(example), 0)));
    const rounded = Math.min(capacity, Math.ceil(longest / rowMultiple) * rowMultiple);
    batches.push({ sequenceTokens: padsToCapacity ? capacity : rounded, rows: chosen });
  }
  return batches;
}

/**
 * Right-pads a planned batch to [rows, sequenceTokens]. Position i reads token i of its sequence and predicts token
 * i + 1. Sequences that share a row are segments of it; padding is one more.
 */
export function toBatch({ sequenceTokens, rows }: PlannedBatch, padTokenId: number): Batch {
  const size = rows.length * sequenceTokens;
  const inputIds = new Int32Array(size).fill(padTokenId);
  const labels = new Int32Array(size);
  const weights = new Float32Array(size);
  const segments = new Int32Array(size).fill(-1);
  for (const [row, examples] of rows.entries()) {
    let place = row * sequenceTokens;
    for (const [segment, example] of examples.entries()) {
      for (let i = 0; i < positionsOf(example); i++, place++) {
        inputIds[place] = example.ids[i]!;
        labels[place] = example.ids[i + 1]!;
        weights[place] = example.weights[i + 1]!;
        segments[place] = segment;
      }
    }
  }
  const isPacked = rows.some((examples) => examples.length > 1);
  return { rows: rows.length, sequenceTokens, inputIds, labels, weights, ...(isPacked && { segments }) };
}

/** Rows held out for validation: `size` below 1 is a share, else a number; something is always left to train on. */
export function heldOutCount(size: number, rows: number): number {
  const count = size < 1 ? Math.round(size * rows) : Math.round(size);
  return Math.max(0, Math.min(count, rows - 1));
}
