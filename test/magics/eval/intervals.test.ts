import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  bootstrapInterval,
  normalQuantile,
  pairedBootstrap,
  percentileInterval,
  wilsonInterval,
} from '../../../magics/eval/intervals.ts';

const golden = JSON.parse(readFileSync('test/golden/metrics/intervals.json', 'utf8')) as {
  wilson: [number, number, number, number, number][];
  normalQuantile: [number, number][];
};

describe('wilsonInterval', () => {
  it('gives SciPy’s limits', () => {
    for (const [successes, trials, level, low, high] of golden.wilson) {
      const interval = wilsonInterval(successes, trials, level)!;
      expect(interval.low).toBeCloseTo(low, 10);
      expect(interval.high).toBeCloseTo(high, 10);
    }
  });

  it('is undetermined without trials', () => {
    expect(wilsonInterval(0, 0)).toBeNull();
  });
});

describe('normalQuantile', () => {
  it('gives SciPy’s values from the centre to the far tail', () => {
    for (const [p, z] of golden.normalQuantile)
      expect(Math.abs(normalQuantile(p) / (z || 1) - (z === 0 ? 0 : 1))).toBeLessThan(1e-8);
  });
});

describe('bootstrapInterval', () => {
  const values = Array.from({ length: 400 }, (_, i) => Math.sin(i) * 3 + 1);

  it('is the same for the same seed and differs for another', () => {
    expect(bootstrapInterval(values, { seed: 3 })).toEqual(bootstrapInterval(values, { seed: 3 }));
    expect(bootstrapInterval(values, { seed: 3 })).not.toEqual(bootstrapInterval(values, { seed: 4 }));
  });

  it('agrees with the normal approximation of the mean', () => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
    const half = (1.96 * deviation) / Math.sqrt(values.length);
    const interval = bootstrapInterval(values, { seed: 1, resamples: 4000 })!;
    expect(Math.abs(interval.low - (mean - half))).toBeLessThan(half * 0.1);
    expect(Math.abs(interval.high - (mean + half))).toBeLessThan(half * 0.1);
  });

  it('takes any statistic and is undetermined without values', () => {
    const median = (sample: readonly number[]) => [...sample].sort((a, b) => a - b)[sample.length >> 1]!;
    expect(bootstrapInterval([5, 5, 5], { statistic: median })).toMatchObject({ low: 5, high: 5 });
    expect(bootstrapInterval([])).toBeNull();
  });
});

describe('pairedBootstrap', () => {
  it('finds a constant difference certain and no difference not significant', () => {
    const baseline = Array.from({ length: 200 }, (_, i) => i % 2);
    const better = pairedBootstrap(
      baseline.map((v) => v + 0.25),
      baseline,
    )!;
    expect(better.difference).toBeCloseTo(0.25, 12);
    expect(better.low).toBeCloseTo(0.25, 12);
    expect(better.pValue).toBeCloseTo(1 / 1001, 12);
    const shuffled = baseline.map((v) => 1 - v);
    expect(pairedBootstrap(shuffled, baseline)!.pValue).toBeGreaterThan(0.5);
    expect(pairedBootstrap([], [])).toBeNull();
  });
});

describe('percentileInterval', () => {
  it('interpolates between order statistics', () => {
    expect(percentileInterval([4, 1, 2, 3, 5], 0.5)).toEqual({ low: 2, high: 4, level: 0.5 });
  });
});
