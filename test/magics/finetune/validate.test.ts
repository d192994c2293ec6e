import { describe, expect, it } from 'vitest';
import type { Example } from '../../../magics/finetune/examples.ts';
import { validate } from '../../../magics/finetune/validate.ts';

const example: Example = { ids: [1, 2], weights: [0, 1], words: [] };

describe('validate', () => {
  it('weighs batches by their tokens, and every row alike for exact match', async () => {
    const results = [
      { lossSum: 6, weightSum: 3, rowsCorrect: [true, false] },
      { lossSum: 2, weightSum: 1, rowsCorrect: [true] },
    ];
    const trainer = { evaluate: async () => results.shift()! };
    const batches = [
      { sequenceTokens: 4, rows: [[example], [example]] },
      { sequenceTokens: 4, rows: [[example]] },
    ];
    expect(await validate(trainer, batches, { padTokenId: 0 })).toEqual({ loss: 2, exactMatch: 2 / 3 });
  });

  it('gives up between batches when the job is cancelled', async () => {
    const trainer = { evaluate: () => Promise.reject(new Error('must not be called')) };
    const batches = [{ sequenceTokens: 4, rows: [[example]] }];
    const signal = AbortSignal.abort();
    expect(await validate(trainer, batches, { padTokenId: 0, signal })).toBeUndefined();
  });
});
