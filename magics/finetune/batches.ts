import { randomStream } from '../engine/random.ts';
import type { Batch } from '../engine/types.ts';
import type { Example } from './examples.ts';

/** Which examples make a batch, and the length they are padded to. */
export interface PlannedBatch {
  readonly sequenceTokens: number;
  readonly examples: readonly Example[];
}

/** Positions that an example fills: its last token is predicted, never read. */
export function positionsOf(example: Pick<Example, 'ids'>): number {
  return example.ids.length - 1;
}

/**
 * The batches of one pass over the examples, in a random order that depends on `seed` and `epoch` alone. Every example
 * comes once, in a batch of its bucket; those that fill no batch of their bucket move up to the next. `buckets` ascends.
 */
export function planEpoch(
  examples: readonly Example[],
  plan: { buckets: readonly number[]; rows: number; seed: number; epoch: number },
): PlannedBatch[] {
  const random = randomStream(plan.seed, 'epoch', plan.epoch).uniform;
  return shuffled(inBatches(shuffled(examples, random), plan), random);
}

/** The batches of an evaluation: every example once, in order. */
export function inBatches(
  examples: readonly Example[],
  { buckets, rows }: { buckets: readonly number[]; rows: number },
): PlannedBatch[] {
  const batches: PlannedBatch[] = [];
  const waiting: Example[] = [];
  let smaller = 0;
  for (const bucket of buckets) {
    const fits = (e: Example) => positionsOf(e) <= bucket && (positionsOf(e) > smaller || smaller === 0);
    waiting.push(...examples.filter(fits));
    const isLast = bucket === buckets.at(-1);
    while (waiting.length >= rows || (isLast && waiting.length > 0)) {
      batches.push({ sequenceTokens: bucket, examples: waiting.splice(0, rows) });
    }
    smaller = bucket;
  }
  return batches;
}

/**
 * Right-pads a planned batch to [rows, sequenceTokens]; rows that it lacks have weight 0.
 * Position i reads token i and predicts token i + 1.
 */
export function toBatch({ sequenceTokens, examples }: PlannedBatch, rows: number, padTokenId: number): Batch {
  const inputIds = new Int32Array(rows * sequenceTokens).fill(padTokenId);
  const labels = new Int32Array(rows * sequenceTokens);
  const weights = new Float32Array(rows * sequenceTokens);
  for (const [row, example] of examples.entries()) {
    const start = row * sequenceTokens;
    for (let i = 0; i < positionsOf(example); i++) {
      inputIds[start + i] = example.ids[i]!;
      labels[start + i] = example.ids[i + 1]!;
      weights[start + i] = example.weights[i + 1]!;
    }
  }
  return { rows, sequenceTokens, inputIds, labels, weights };
}

/** A shuffled copy (Fisher-Yates). */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j]!, copy[i]!];
  }
  return copy;
}

/** Rows held out for validation: `size` below 1 is a share, else a number; something is always left to train on. */
export function heldOutCount(size: number, rows: number): number {
  const count = size < 1 ? Math.round(size * rows) : Math.round(size);
  return Math.max(0, Math.min(count, rows - 1));
}
