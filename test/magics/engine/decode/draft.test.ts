import { describe, expect, it } from 'vitest';
import { createDraft } from '../../../../magics/engine/decode/draft.ts';

describe('guessing what follows', () => {
  it('goes on as it went on the last time that the same tokens came', () => {
    const tokens = [1, 2, 3, 40, 9, 1, 2, 3, 50, 51, 9, 1, 2, 3];
    expect(createDraft().propose(tokens, 2)).toEqual([50, 51]);
  });

  it('makes do with two tokens, and guesses nothing where all is new', () => {
    expect(createDraft().propose([1, 2, 7, 8, 9, 1, 2], 3)).toEqual([7, 8, 9]);
    expect(createDraft().propose([1, 2, 3, 4, 5], 3)).toEqual([]);
    expect(createDraft().propose([1], 3)).toEqual([]);
  });

  it('guesses more when it was right, less when it was wrong, and then rests for a while', () => {
    const tokens = Array.from({ length: 60 }, (_, i) => i % 20);
    const draft = createDraft();
    expect(draft.propose(tokens, 20)).toHaveLength(4);
    for (let i = 0; i < 6; i++) draft.learn(4, 4);
    expect(draft.propose(tokens, 20)).toHaveLength(8);
    expect(draft.propose(tokens, 3)).toHaveLength(3);
    for (let i = 0; i < 4; i++) draft.learn(8, 0);
    expect(draft.propose(tokens, 20)).toEqual([]);
    let rested = 1;
    while (draft.propose(tokens, 20).length === 0) rested++;
    expect(rested).toBe(24);
    expect(draft.propose(tokens, 20).length).toBeGreaterThan(0);
  });
});
