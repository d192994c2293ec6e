import { describe, expect, it } from 'vitest';
import { rouge } from '../../../../magics/eval/metrics/rouge.ts';
import { golden, hypotheses, references } from './golden.ts';

describe('rouge', () => {
  it('gives rouge-score’s precision, recall and F-measure for every pair', () => {
    const { perSample } = rouge(hypotheses, references);
    for (const [i, sample] of golden.samples.entries()) {
      for (const type of ['rouge1', 'rouge2', 'rougeL'] as const) {
        const { precision, recall, fmeasure } = perSample[i]![type];
        const [p, r, f] = sample.rouge[type];
        const worst = Math.max(Math.abs(precision - p), Math.abs(recall - r), Math.abs(fmeasure - f));
        expect(worst, `${type} of ${JSON.stringify(sample.hypothesis)}`).toBeLessThan(1e-9);
      }
    }
  });

  it('averages the F-measures and says how they were made', () => {
    const scores = rouge(['the cat', 'x'], ['the cat', 'y']);
    expect(scores.rouge1).toBe(0.5);
    expect(scores.signature).toContain('stem:no');
  });

  it('is undetermined for no samples', () => {
    expect(rouge([], []).rougeL).toBeNull();
  });
});
