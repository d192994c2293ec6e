import type { Figure } from '../governance/records.ts';
import { bootstrapEstimates, type Interval, pairedPValue, percentileInterval, wilsonInterval } from './intervals.ts';
import type { Metric, Sample } from './metrics/metric.ts';

/** How intervals are computed. */
export interface ScoreOptions {
  seed: number;
  resamples?: number;
  level?: number;
}

/** A figure's difference from the baseline's, with the paired bootstrap's interval and p-value. */
export type Difference = Figure & { pValue: number | null };

/** Every metric over the samples, by name, each with its confidence interval and signature. */
export function scoreSamples(
  metrics: readonly Metric[],
  samples: readonly Sample[],
  options: ScoreOptions,
): Record<string, Figure> {
  return byName(metrics, (metric) => {
    const vectors = vectorsOf(metric, samples);
    const sums = sum(vectors, metric.width);
    const interval = metric.isProportion
      ? wilsonInterval(sums[0]!, sums[1]!, options.level)
      : bootstrapMetric(metric, [vectors], options, ([one]) => metric.value(one!)).interval;
    return figure(metric.value(sums), interval, countDetermined(vectors), signatureOf(metric, options));
  });
}

/** Every metric's `samples - baseline` on the same inputs, by name. Both lists are in the same order. */
export function compareSamples(
  metrics: readonly Metric[],
  samples: readonly Sample[],
  baseline: readonly Sample[],
  options: ScoreOptions,
): Record<string, Difference> {
  return byName(metrics, (metric) => {
    const both = [vectorsOf(metric, samples), vectorsOf(metric, baseline)];
    const difference = ([a, b]: readonly ArrayLike<number>[]) => subtract(metric.value(a!), metric.value(b!));
    const value = difference(both.map((vectors) => sum(vectors, metric.width)));
    const { interval, estimates } = bootstrapMetric(metric, both, options, difference);
    const n = Math.min(...both.map(countDetermined));
    const pValue = value === null || estimates.length === 0 ? null : pairedPValue(estimates, value);
    return { ...figure(value, interval, n, `${metric.signature}|${bootstrapSignature(options)}|paired`), pValue };
  });
}

/** One sample's own score under a metric; null when undetermined. */
export function scoreSample(metric: Metric, sample: Sample): number | null {
  const vector = metric.statistics(sample);
  return vector === null ? null : finite(metric.value(vector));
}

type Vectors = readonly (readonly number[] | null)[];

function vectorsOf(metric: Metric, samples: readonly Sample[]): Vectors {
  return samples.map((sample) => metric.statistics(sample));
}

function bootstrapMetric(
  metric: Metric,
  lists: readonly Vectors[],
  options: ScoreOptions,
  statistic: (sums: Float64Array[]) => number | null,
): { interval: Interval | null; estimates: number[] } {
  const count = lists[0]!.length;
  const estimates = bootstrapEstimates(count, options, (indices) =>
    statistic(lists.map((vectors) => sum(vectors, metric.width, indices))),
  );
  return { interval: percentileInterval(estimates, options.level), estimates };
}

function sum(vectors: Vectors, width: number, indices?: Uint32Array): Float64Array {
  const total = new Float64Array(width);
  const count = indices?.length ?? vectors.length;
  for (let i = 0; i < count; i++) {
    const vector = vectors[indices === undefined ? i : indices[i]!];
    if (vector === null || vector === undefined) continue;
    for (let k = 0; k < width; k++) total[k]! += vector[k]!;
  }
  return total;
}

function figure(value: number | null, interval: Interval | null, n: number, signature: string): Figure {
  return { value: finite(value), ...(interval !== null && value !== null && interval), n, signature };
}

function signatureOf(metric: Metric, options: ScoreOptions): string {
  return `${metric.signature}|${metric.isProportion ? 'ci:wilson' : bootstrapSignature(options)}`;
}

function bootstrapSignature({ seed, resamples = 1000 }: ScoreOptions): string {
  return `bs:${resamples}|seed:${seed}`;
}

function countDetermined(vectors: Vectors): number {
  return vectors.filter((vector) => vector !== null).length;
}

function subtract(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

function byName<T>(metrics: readonly Metric[], of: (metric: Metric) => T): Record<string, T> {
  return Object.fromEntries(metrics.map((metric) => [metric.name, of(metric)]));
}
