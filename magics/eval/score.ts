import type { Figure } from '../governance/record-parts.ts';
import { bootstrapEstimates, type Interval, pairedPValue, percentileInterval, wilsonInterval } from './intervals.ts';
import { isAdditive, type Metric, type Sample } from './metrics/metric.ts';
import { type PreparedMetric, prepareMetric } from './prepare-metric.ts';

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
    const prepared = prepareMetric(metric, samples);
    const value = prepared.value();
    const interval =
      metric.isProportion && value !== null
        ? wilsonInterval(Math.round(value * prepared.determined), prepared.determined, options.level)
        : bootstrapMetric([prepared], options, (weights) => prepared.value(weights)).interval;
    return figure(value, interval, prepared.determined, signatureOf(metric, options));
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
    const both = [prepareMetric(metric, samples), prepareMetric(metric, baseline)] as const;
    const difference = (weights?: Uint32Array) => subtract(both[0].value(weights), both[1].value(weights));
    const value = difference();
    const { interval, estimates } = bootstrapMetric(both, options, difference);
    const n = Math.min(...both.map(({ determined }) => determined));
    const pValue = value === null || estimates.length === 0 ? null : pairedPValue(estimates, value);
    return { ...figure(value, interval, n, `${metric.signature}|${bootstrapSignature(options)}|paired`), pValue };
  });
}

/** One sample's own score under a metric; null when undetermined, or when the metric needs a whole set. */
export function scoreSample(metric: Metric, sample: Sample): number | null {
  if (!isAdditive(metric)) return null;
  const vector = metric.statistics(sample);
  return vector === null ? null : finite(metric.value(vector));
}

function bootstrapMetric(
  prepared: readonly PreparedMetric[],
  options: ScoreOptions,
  statistic: (weights: Uint32Array) => number | null,
): { interval: Interval | null; estimates: number[] } {
  const count = prepared[0]!.count;
  const weights = new Uint32Array(count);
  const estimates = bootstrapEstimates(count, options, (indices) => {
    weights.fill(0);
    for (const index of indices) weights[index]!++;
    return statistic(weights);
  });
  return { interval: percentileInterval(estimates, options.level), estimates };
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

function subtract(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

function byName<T>(metrics: readonly Metric[], of: (metric: Metric) => T): Record<string, T> {
  return Object.fromEntries(metrics.map((metric) => [metric.name, of(metric)]));
}
