import { describe, expect, it } from 'vitest';
import { perplexity, perplexityMetric } from '../../../../magics/eval/metrics/perplexity.ts';

describe('perplexity', () => {
  it('is the vocabulary size for a uniform model', () => {
    expect(perplexity(new Array(7).fill(-Math.log(50)))).toBeCloseTo(50, 9);
  });

  it('is 1 for a certain model and undetermined for no tokens', () => {
    expect(perplexity([0, 0])).toBe(1);
    expect(perplexity([])).toBeNull();
  });

  it('weighs samples by their tokens and leaves out samples without a likelihood', () => {
    const vectors = [
      perplexityMetric.statistics({ prediction: '', reference: '', referenceLogprob: -2, referenceTokens: 1 }),
      perplexityMetric.statistics({ prediction: '', reference: '', referenceLogprob: -1, referenceTokens: 5 }),
    ];
    expect(perplexityMetric.value([vectors[0]![0]! + vectors[1]![0]!, 6])).toBeCloseTo(Math.exp(0.5), 12);
    expect(perplexityMetric.statistics({ prediction: '', reference: '', referenceLogprob: null })).toBeNull();
  });
});
