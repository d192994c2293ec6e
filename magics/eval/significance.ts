import { randomStream } from '../engine/random.ts';
import type { Interval } from './intervals.ts';
import { chooseMetrics } from './metrics/choose.ts';
import type { Metric, Sample } from './metrics/metric.ts';
import { pairs } from './metrics/pairs.ts';
import { prepareMetric } from './prepare-metric.ts';
import { compareSamples } from './score.ts';

/** Paired tests: resampling the samples, or swapping the two models' answers at random. */
export type PairedTest = 'bootstrap' | 'randomisation';

const defaultTrials: Readonly<Record<PairedTest, number>> = { bootstrap: 1000, randomisation: 10_000 };

export interface PairedTestOptions {
  /** A metric's name, with options if any; `bleu` by default. */
  metric?: string;
  test?: PairedTest;
  seed?: number;
  trials?: number;
}

/** The difference of two models' figures on the same samples. */
export interface PairedTestResult extends Partial<Interval> {
  difference: number | null;
  pValue: number | null;
  signature: string;
}

/** Tests whether one model's answers score otherwise than another's under a corpus metric. */
export function pairedTest(
  predictions: readonly string[],
  baseline: readonly string[],
  references: readonly string[],
  { metric: name = 'bleu', test = 'bootstrap', seed = 0, trials = defaultTrials[test] }: PairedTestOptions = {},
): PairedTestResult {
  const [metric] = chooseMetrics(name);
  const toSamples = (texts: readonly string[]) =>
    pairs(texts, references).map(([prediction, reference]) => ({ prediction, reference }));
  const [samples, others] = [toSamples(predictions), toSamples(baseline)];
  const resamples = test === 'bootstrap' ? trials : defaultTrials.bootstrap;
  const compared = compareSamples([metric!], samples, others, { seed, resamples })[metric!.name]!;
  const { value: difference, low, high, level } = compared;
  const interval = low === undefined ? {} : { low, high, level };
  if (test === 'bootstrap')
    return { difference, ...interval, pValue: compared.pValue, signature: compared.signature ?? '' };
  const pValue = randomisationPValue(metric!, samples, others, { seed, trials });
  return { difference, ...interval, pValue, signature: `${metric!.signature}|ar:${trials}|seed:${seed}|paired` };
}

/**
 * Two-sided p-value of approximate randomisation (Riezler and Maxwell, 2005; `sacrebleu --paired-ar`): how often models
 * made by swapping answers at random differ at least as much. A model compared with itself has p = 1. Null when the
 * metric is undetermined.
 */
export function randomisationPValue(
  metric: Metric,
  samples: readonly Sample[],
  baseline: readonly Sample[],
  { seed, trials = defaultTrials.randomisation }: { seed: number; trials?: number },
): number | null {
  const both = prepareMetric(metric, pairs(samples, baseline).flat());
  const random = randomStream('randomisation', seed);
  const chosen = new Uint8Array(both.count);
  const left = new Uint8Array(both.count);
  const swap = (isSwapped: () => boolean) => {
    for (let i = 0; i < both.count; i += 2) {
      const swapped = Number(isSwapped());
      chosen[i] = left[i + 1] = 1 - swapped;
      chosen[i + 1] = left[i] = swapped;
    }
    const [a, b] = [both.value(chosen), both.value(left)];
    return a === null || b === null ? null : Math.abs(a - b);
  };
  const real = swap(() => false);
  if (real === null) return null;
  let beyond = 0;
  for (let trial = 0; trial < trials; trial++) {
    const difference = swap(() => random.uniform() < 0.5);
    if (difference === null || difference >= real - 1e-12) beyond += 1;
  }
  return (beyond + 1) / (trials + 1);
}

/**
 * The p-value that `sacrebleu --paired-bs` prints: absolute differences of the resamples, centred, beyond the real one.
 * About half of `pairedPValue`, which looks at both sides; and tiny, not 1, for a model compared with itself.
 */
export function sacrebleuPValue(estimates: readonly number[], difference: number): number {
  const sizes = estimates.map(Math.abs);
  const centre = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  return (sizes.filter((size) => size - centre > Math.abs(difference)).length + 1) / (sizes.length + 1);
}
