import { describe, expect, it } from 'vitest';
import { inBatches } from '../../../magics/finetune/batches.ts';
import type { Example } from '../../../magics/finetune/examples.ts';
import { createStepBatches, type StepBatches } from '../../../magics/finetune/step-batches.ts';

/** An example of four tokens, of which the middle two are words that may be left out. */
function example(index: number): Example {
  const words: [number, number][] = [
    [1, 2],
    [2, 3],
  ];
  return { ids: [index, 50, 51, 99], weights: [0, 0, 0, 1], words, where: `Row ${index + 1} of "rows"` };
}

const examples = Array.from({ length: 21 }, (_, i) => example(i));
const plan = { rows: 2, buckets: [3] };
const batchesPerEpoch = inBatches(examples, plan).length;

function batchesOf(changes: { gradient_accumulation_steps?: number; word_dropout?: number } = {}) {
  const config = { seed: 7, gradient_accumulation_steps: 1, word_dropout: 0, ...changes };
  return createStepBatches(examples, { plan, batchesPerEpoch, padTokenId: 0, config });
}

const rowsOf = ({ tensors }: StepBatches) => tensors.flatMap(({ inputIds }) => Array.from(inputIds, Number));

describe('the batches of a step', () => {
  it('are the same whether training came there from the start or resumed there', () => {
    const options = { word_dropout: 0.5 };
    const undisturbed = batchesOf(options);
    const all = Array.from({ length: 3 * batchesPerEpoch }, (_, step) => undisturbed(step));
    for (const step of [0, 5, batchesPerEpoch, 2 * batchesPerEpoch + 3]) {
      expect(batchesOf(options)(step)).toEqual(all[step]);
    }
  });

  it('show every example once in each epoch, in another order', () => {
    const batches = batchesOf();
    const places = Array.from({ length: batchesPerEpoch }, (_, i) => i);
    const epoch = (first: number) => places.flatMap((i) => batches(first + i).rows);
    expect(epoch(0).sort()).toEqual(examples.map(({ where }) => where!).sort());
    expect(epoch(batchesPerEpoch)).not.toEqual(epoch(0));
    expect(epoch(batchesPerEpoch).sort()).toEqual(epoch(0).sort());
  });

  it('are consecutive ones when gradients are accumulated, across the end of an epoch too', () => {
    const single = batchesOf();
    const accumulated = batchesOf({ gradient_accumulation_steps: 4 });
    for (const step of [0, 2, 3]) {
      const parts = [0, 1, 2, 3].map((i) => single(4 * step + i));
      expect(rowsOf(accumulated(step))).toEqual(parts.flatMap(rowsOf));
      expect(accumulated(step).tokens).toBe(parts.reduce((sum, { tokens }) => sum + tokens, 0));
    }
  });

  it('are named for messages by their place in their epoch', () => {
    expect(batchesOf()(batchesPerEpoch + 2).name).toBe(`batch 3 of ${batchesPerEpoch} in epoch 2`);
  });

  it('count tokens without padding and before words are left out', () => {
    expect(batchesOf({ word_dropout: 1 })(0).tokens).toBe(2 * 3);
  });
});
