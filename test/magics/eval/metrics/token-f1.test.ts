import { describe, expect, it } from 'vitest';
import { tokenF1 } from '../../../../magics/eval/metrics/token-f1.ts';
import { golden, hypotheses, references } from './golden.ts';

describe('tokenF1', () => {
  it('gives the SQuAD script’s F1 for every pair', () => {
    const { perSample } = tokenF1(hypotheses, references);
    for (const [i, { f1, hypothesis }] of golden.samples.entries()) {
      expect(Math.abs(perSample[i]! - f1), JSON.stringify(hypothesis)).toBeLessThan(1e-9);
    }
  });

  it('is undetermined for no samples', () => {
    expect(tokenF1([], []).score).toBeNull();
  });
});
