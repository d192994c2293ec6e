import { chiSquared, jensenShannon, kolmogorovSmirnov, populationStabilityIndex, quantile } from './statistics.ts';

/** Whether one sample's distribution differs from another's. */
export interface Drift {
  readonly test: 'Kolmogorov-Smirnov' | 'chi-squared';
  readonly pValue: number | null;
  /** Population stability index: the effect size that decides the verdict together with the p-value. */
  readonly psi: number | null;
  /** Jensen-Shannon divergence over the same bins, 0 to 1 bit. */
  readonly jensenShannon: number | null;
  readonly verdict: 'too few samples' | 'no drift' | 'some drift' | 'drift';
}

/** Samples on each side below which nothing is said. */
export const minimumSamples = 30;
const significance = 0.01;
const stablePsi = 0.1;
const shiftedPsi = 0.25;
const bins = 10;

/**
 * Compares numbers: Kolmogorov-Smirnov, and PSI over the reference's deciles. A difference counts only where it is both
 * unlikely by chance (p < 0.01) and large (PSI from 0.1 on), so that nothing alarms just because there are many.
 */
export function compareNumbers(reference: readonly number[], current: readonly number[]): Drift {
  const edges = quantileEdges(reference);
  const [a, b] = [histogram(reference, edges), histogram(current, edges)];
  const pValue = kolmogorovSmirnov(reference, current)?.pValue ?? null;
  return drift('Kolmogorov-Smirnov', pValue, a, b, Math.min(reference.length, current.length));
}

/** Compares counts over the same categories: Pearson's chi-squared, and PSI. `samples`: of the smaller side. */
export function compareCounts(reference: readonly number[], current: readonly number[], samples: number): Drift {
  return drift('chi-squared', chiSquared(reference, current)?.pValue ?? null, reference, current, samples);
}

function drift(
  test: Drift['test'],
  pValue: number | null,
  a: readonly number[],
  b: readonly number[],
  samples: number,
): Drift {
  const psi = populationStabilityIndex(a, b);
  return { test, pValue, psi, jensenShannon: jensenShannon(a, b), verdict: judge(samples, pValue, psi) };
}

function judge(samples: number, pValue: number | null, psi: number | null): Drift['verdict'] {
  if (samples < minimumSamples || pValue === null || psi === null) return 'too few samples';
  if (pValue >= significance || psi < stablePsi) return 'no drift';
  return psi < shiftedPsi ? 'some drift' : 'drift';
}

/** Inner edges of bins that hold about equally many of the values; equal edges are one. */
function quantileEdges(values: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort();
  const edges = Array.from({ length: bins - 1 }, (_, i) => quantile(sorted, (i + 1) / bins) ?? 0);
  return [...new Set(edges)];
}

function histogram(values: readonly number[], edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) counts[edges.filter((edge) => value > edge).length]! += 1;
  return counts;
}
