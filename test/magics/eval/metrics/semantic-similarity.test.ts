import { describe, expect, it } from 'vitest';
import { chooseMetrics } from '../../../../magics/eval/metrics/choose.ts';
import {
  cosine,
  nearestCosine,
  semanticSimilarityMetric,
} from '../../../../magics/eval/metrics/semantic-similarity.ts';
import { scoreSamples } from '../../../../magics/eval/score.ts';

describe('cosine', () => {
  it('is 1 of equal directions, exactly so of equal vectors, 0 of orthogonal and -1 of opposite ones', () => {
    const vector = Float32Array.from({ length: 50 }, (_, i) => Math.sin(i) / 3);
    expect(cosine(vector, vector)).toBe(1);
    expect(
      cosine(
        vector,
        vector.map((x) => 7 * x),
      ),
    ).toBeCloseTo(1, 6);
    expect(
      cosine(
        vector,
        vector.map((x) => -x),
      ),
    ).toBe(-1);
    expect(cosine([1, 0, 2], [0, 3, 0])).toBe(0);
    expect(cosine([1, 0], [1, 1])).toBeCloseTo(Math.SQRT1_2, 12);
  });

  it('is undetermined of a vector without a direction', () => {
    expect(cosine([0, 0], [1, 0])).toBeNull();
  });

  it('of several references counts the nearest', () => {
    const references = [
      [0, 1],
      [1, 1],
      [0, 0],
    ];
    expect(nearestCosine([1, 0], references)).toBeCloseTo(Math.SQRT1_2, 12);
    expect(nearestCosine([1, 0], [[0, 0]])).toBeNull();
    expect(nearestCosine([1, 0], [])).toBeNull();
  });
});

describe('semantic_similarity', () => {
  const samples = [0.5, null, 1, 0.9].map((similarity) => ({ prediction: 'p', reference: 'r', similarity }));

  it('is the mean over the determined samples, with an interval, and counts them', () => {
    const figure = scoreSamples([semanticSimilarityMetric('0a1b')], samples, { seed: 1 }).semantic_similarity!;
    expect(figure.value).toBeCloseTo(0.8, 12);
    expect(figure.n).toBe(3);
    expect(figure.low).toBeGreaterThanOrEqual(0.5);
    expect(figure.high).toBeLessThanOrEqual(1);
    expect(figure.signature).toBe('of:cosine|embedder:0a1b|layer:last|pool:mean|trim:yes|refs:nearest|bs:1000|seed:1');
  });

  it('is undetermined where nothing was embedded', () => {
    const [metric] = chooseMetrics('semantic_similarity');
    const { value, n } = scoreSamples([metric!], [{ prediction: 'p', reference: 'r' }], { seed: 1 })
      .semantic_similarity!;
    expect([value, n]).toEqual([null, 0]);
  });
});
