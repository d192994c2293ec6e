import { describe, expect, it } from 'vitest';
import { heldOutCount, inBatches, planEpoch, positionsOf, toBatch } from '../../../magics/finetune/batches.ts';
import { chooseBuckets } from '../../../magics/finetune/buckets.ts';
import type { Example } from '../../../magics/finetune/examples.ts';

/** An example of so many tokens whose ids all say which example it is. */
function example(index: number, tokens: number): Example {
  return { ids: Array(tokens).fill(index), weights: Array(tokens).fill(1), words: [] };
}

const lengths = Array.from({ length: 103 }, (_, i) => 5 + ((i * 37) % 60));
const examples = lengths.map((length, i) => example(i, length + 1));
const buckets = chooseBuckets(lengths, 3);

describe('chooseBuckets', () => {
  it('wastes no more than any other choice of as many lengths', () => {
    const padded = (choice: readonly number[]) =>
      lengths.reduce((sum, length) => sum + choice.find((bucket) => bucket >= length)!, 0);
    const sizes = [...new Set(lengths.map((length) => Math.ceil(length / 4) * 4))].sort((a, b) => a - b);
    const all = sizes.flatMap((a) => sizes.filter((b) => b > a).map((b) => [a, b, sizes.at(-1)!]));
    const best = Math.min(...all.filter(([, b]) => b! < sizes.at(-1)!).map(padded));
    expect(buckets).toHaveLength(3);
    expect(padded(buckets)).toBe(best);
  });

  it('needs one bucket for equal lengths and none for no examples', () => {
    expect(chooseBuckets([7, 7, 8], 4)).toEqual([8]);
    expect(chooseBuckets([], 4)).toEqual([]);
  });
});

describe('planEpoch', () => {
  const plan = (epoch: number, seed = 1) => planEpoch(examples, { buckets, rows: 8, seed, epoch });
  const order = (epoch: number, seed?: number) => plan(epoch, seed).flatMap((b) => b.rows.flat().map((e) => e.ids[0]));

  it('brings every example once, in batches that are full but for the last', () => {
    const batches = plan(0);
    expect(order(0).sort((a, b) => a! - b!)).toEqual(examples.map((_, i) => i));
    expect(batches.filter((batch) => batch.rows.length !== 8)).toHaveLength(1);
    for (const { sequenceTokens, rows } of batches) {
      expect(Math.max(...rows.flat().map(positionsOf))).toBeLessThanOrEqual(sequenceTokens);
    }
  });

  it('is the same for the same seed and epoch, and differs otherwise', () => {
    expect(order(3)).toEqual(order(3));
    expect(order(4)).not.toEqual(order(3));
    expect(order(3, 2)).not.toEqual(order(3));
  });

  it('has as many batches in every epoch as an evaluation', () => {
    expect(new Set([0, 1, 2].map((epoch) => plan(epoch).length))).toEqual(
      new Set([inBatches(examples, { buckets, rows: 8 }).length]),
    );
  });
});

describe('batches of very many examples', () => {
  it('are planned without a limit on their number', () => {
    const many = Array.from({ length: 200_000 }, (_, i) => example(i, 3));
    expect(inBatches(many, { buckets: [4], rows: 8 })).toHaveLength(25_000);
  });
});

describe('packed batches', () => {
  const packing = { capacity: 128, padsToCapacity: false };
  const plan = (epoch: number) => planEpoch(examples, { buckets, rows: 4, packing, seed: 1, epoch });
  const filled = (row: readonly Example[]) => row.reduce((sum, e) => sum + positionsOf(e), 0);

  it('bring every example once, in rows that are nearly full', () => {
    const rows = plan(0).flatMap((batch) => batch.rows);
    const indices = rows.flat().map((e) => e.ids[0]!);
    expect(indices.sort((a, b) => a - b)).toEqual(examples.map((_, i) => i));
    expect(Math.max(...rows.map(filled))).toBeLessThanOrEqual(128);
    const total = lengths.reduce((a, b) => a + b);
    expect(rows.length).toBeLessThanOrEqual(Math.ceil(total / 128) + 1);
  });

  it('are as many in each epoch, in another order', () => {
    expect(new Set([0, 1, 2].map((epoch) => plan(epoch).length)).size).toBe(1);
    expect(plan(0)).toEqual(plan(0));
    expect(plan(0)).not.toEqual(plan(1));
  });

  it('are padded to their longest row, or to the capacity', () => {
    for (const { rows, sequenceTokens } of plan(0)) {
      expect(sequenceTokens - Math.max(...rows.map(filled))).toBeLessThan(16);
    }
    const whole = inBatches(examples, { buckets, rows: 4, packing: { ...packing, padsToCapacity: true } });
    expect(new Set(whole.map((batch) => batch.sequenceTokens))).toEqual(new Set([128]));
  });
});

describe('toBatch', () => {
  it('pads to the right and predicts the next token', () => {
    const first = { ids: [5, 6, 7], weights: [0, 0.5, 1], words: [] };
    const batch = toBatch({ sequenceTokens: 4, rows: [[first]] }, 9);
    expect([...batch.inputIds]).toEqual([5, 6, 9, 9]);
    expect([...batch.labels]).toEqual([6, 7, 0, 0]);
    expect([...batch.weights]).toEqual([0.5, 1, 0, 0]);
    expect(batch.segments).toBeUndefined();
  });

  it('numbers the sequences of a packed row, and pads after them', () => {
    const [first, second] = [
      { ids: [5, 6, 7], weights: [0, 0.5, 1], words: [] },
      { ids: [3, 4], weights: [0, 1], words: [] },
    ];
    const batch = toBatch({ sequenceTokens: 5, rows: [[first, second], [second]] }, 9);
    expect([...batch.inputIds]).toEqual([5, 6, 3, 9, 9, 3, 9, 9, 9, 9]);
    expect([...batch.labels]).toEqual([6, 7, 4, 0, 0, 4, 0, 0, 0, 0]);
    expect([...batch.segments!]).toEqual([0, 0, 1, -1, -1, 0, -1, -1, -1, -1]);
  });
});

describe('heldOutCount', () => {
  it('reads shares and numbers, and leaves a row to train on', () => {
    expect([heldOutCount(0, 50), heldOutCount(0.1, 50), heldOutCount(7, 50), heldOutCount(80, 50)]).toEqual([
      0, 5, 7, 49,
    ]);
  });
});
