import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  chiSquared,
  jensenShannon,
  kolmogorovSmirnov,
  kolmogorovTail,
  populationStabilityIndex,
  quantile,
  upperGamma,
} from '../../../magics/dataset/statistics.ts';

const golden = JSON.parse(readFileSync('test/golden/statistics/statistics.json', 'utf8')) as {
  ks: { a: number[]; b: number[]; statistic: number; pValue: number }[];
  chiSquared: {
    a: number[];
    b: number[];
    statistic: number;
    pValue: number;
    degreesOfFreedom: number;
    cramersV: number;
  }[];
  jensenShannon: { a: number[]; b: number[]; divergence: number }[];
  quantiles: { values: number[]; shares: number[]; wanted: number[] };
  kolmogorovTail: [number, number][];
  upperGamma: [number, number, number][];
};

describe('jensenShannon', () => {
  it('is the square of SciPy’s distance, in bits', () => {
    for (const { a, b, divergence } of golden.jensenShannon) expect(jensenShannon(a, b)).toBeCloseTo(divergence, 12);
    expect(jensenShannon([0, 0], [1, 2])).toBeNull();
  });
});

describe('kolmogorovSmirnov', () => {
  it('gives SciPy’s statistic and limiting p-value, ties included', () => {
    for (const { a, b, statistic, pValue } of golden.ks) {
      const result = kolmogorovSmirnov(a, b)!;
      expect(result.statistic).toBeCloseTo(statistic, 12);
      expect(result.pValue).toBeCloseTo(pValue, 10);
    }
    for (const [x, tail] of golden.kolmogorovTail) expect(kolmogorovTail(x)).toBeCloseTo(tail, 10);
  });

  it('is undetermined without values', () => {
    expect(kolmogorovSmirnov([], [1])).toBeNull();
  });
});

describe('chiSquared', () => {
  it('gives SciPy’s statistic, degrees of freedom, p-value and Cramér’s V', () => {
    for (const { a, b, statistic, pValue, degreesOfFreedom, cramersV } of golden.chiSquared) {
      const result = chiSquared(a, b)!;
      expect(result.statistic).toBeCloseTo(statistic, 8);
      expect(result.degreesOfFreedom).toBe(degreesOfFreedom);
      expect(Math.abs(result.pValue - pValue)).toBeLessThan(1e-10);
      expect(result.cramersV).toBeCloseTo(cramersV, 10);
    }
  });

  it('rests on SciPy’s incomplete gamma function', () => {
    for (const [a, x, wanted] of golden.upperGamma) expect(Math.abs(upperGamma(a, x) - wanted)).toBeLessThan(1e-11);
  });

  it('leaves out categories that neither side has, and is undetermined for an empty side', () => {
    expect(chiSquared([5, 0, 5], [6, 0, 4])!.degreesOfFreedom).toBe(1);
    expect(chiSquared([0, 0], [1, 2])).toBeNull();
  });
});

describe('populationStabilityIndex', () => {
  it('is 0 for the same shares, symmetric, and follows its formula', () => {
    expect(populationStabilityIndex([10, 30], [100, 300])).toBeCloseTo(0, 12);
    const psi = (0.5 - 0.25) * Math.log(0.5 / 0.25) + (0.5 - 0.75) * Math.log(0.5 / 0.75);
    expect(populationStabilityIndex([25, 75], [50, 50])).toBeCloseTo(psi, 12);
    expect(populationStabilityIndex([50, 50], [25, 75])).toBeCloseTo(psi, 12);
  });

  it('stays finite with empty bins and is undetermined without observations', () => {
    expect(populationStabilityIndex([10, 0], [0, 10])).toBeLessThan(10);
    expect(populationStabilityIndex([0, 0], [1, 1])).toBeNull();
  });
});

describe('quantile', () => {
  it('gives NumPy’s quantiles', () => {
    const { values, shares, wanted } = golden.quantiles;
    for (const [i, share] of shares.entries()) expect(quantile(values, share)).toBeCloseTo(wanted[i]!, 10);
    expect(quantile([], 0.5)).toBeNull();
  });
});
