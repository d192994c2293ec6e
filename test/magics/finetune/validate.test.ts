import { describe, expect, it } from 'vitest';
import type { Example } from '../../../magics/finetune/examples.ts';
import { validate } from '../../../magics/finetune/validate.ts';

const example: Example = { ids: [1, 2], weights: [0, 1], words: [] };

describe('validate', () => {
  it('weighs batches by their tokens, and leaves the rows that only fill a batch out of exact match', async () => {
    const results = [
      { lossSum: 6, weightSum: 3, rowsCorrect: [true, false] },
      { lossSum: 2, weightSum: 1, rowsCorrect: [true, true] },
    ];
    const trainer = { evaluate: async () => results.shift()! };
    const batches = [
      { sequenceTokens: 4, examples: [example, example] },
      { sequenceTokens: 4, examples: [example] },
    ];
    expect(await validate(trainer, batches, { rows: 2, padTokenId: 0 })).toEqual({ loss: 2, exactMatch: 2 / 3 });
  });

  it('gives up between batches when the job is cancelled', async () => {
    const trainer = { evaluate: () => Promise.reject(new Error('must not be called')) };
    const batches = [{ sequenceTokens: 4, examples: [example] }];
    const signal = AbortSignal.abort();
    expect(await validate(trainer, batches, { rows: 1, padTokenId: 0, signal })).toBeUndefined();
  });
});
