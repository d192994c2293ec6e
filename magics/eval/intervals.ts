import { randomStream } from '../engine/random.ts';

export interface Interval {
  low: number;
  high: number;
  /** Confidence level, for example 0.95. */
  level: number;
}

export interface BootstrapOptions {
  seed?: number;
  /** Bootstrap samples drawn. */
  resamples?: number;
  level?: number;
}

const defaults = { seed: 0, resamples: 1000, level: 0.95 };

/** Wilson's score interval for a proportion (Wilson, 1927), without continuity correction; null for no trials. */
export function wilsonInterval(successes: number, trials: number, level = defaults.level): Interval | null {
  if (trials <= 0) return null;
  const z = normalQuantile(1 - (1 - level) / 2);
  const p = successes / trials;
  const centre = (p + (z * z) / (2 * trials)) / (1 + (z * z) / trials);
  const half = (z / (1 + (z * z) / trials)) * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials));
  return { low: successes === 0 ? 0 : centre - half, high: successes === trials ? 1 : centre + half, level };
}

/** Percentile bootstrap interval (Efron, 1979) of a statistic of numbers, by default their mean; null for no values. */
export function bootstrapInterval(
  values: readonly number[],
  options: BootstrapOptions & { statistic?: (sample: readonly number[]) => number | null } = {},
): Interval | null {
  if (values.length === 0) return null;
  const { statistic = average } = options;
  const estimates = bootstrapEstimates(values.length, options, (indices) =>
    statistic(Array.from(indices, (i) => values[i]!)),
  );
  return percentileInterval(estimates, options.level);
}

/**
 * Paired bootstrap of the difference of means `values - baseline` on the same samples (Koehn, 2004).
 * `pValue`: how often a resampled difference, centred, is as large as the real one. Null for no samples.
 */
export function pairedBootstrap(
  values: readonly number[],
  baseline: readonly number[],
  options: BootstrapOptions = {},
): (Interval & { difference: number; pValue: number }) | null {
  const n = Math.min(values.length, baseline.length);
  if (n === 0) return null;
  const differences = Array.from({ length: n }, (_, i) => values[i]! - baseline[i]!);
  const estimates = bootstrapEstimates(n, options, (indices) => average(Array.from(indices, (i) => differences[i]!)));
  const difference = average(differences);
  return { difference, ...percentileInterval(estimates, options.level)!, pValue: pairedPValue(estimates, difference) };
}

/** The statistic of each bootstrap sample, given as indices into `count` samples; undetermined ones are left out. */
export function bootstrapEstimates(
  count: number,
  options: BootstrapOptions,
  statistic: (indices: Uint32Array) => number | null,
): number[] {
  const random = randomStream('bootstrap', options.seed ?? defaults.seed);
  const indices = new Uint32Array(count);
  const estimates: number[] = [];
  for (let r = 0; r < (options.resamples ?? defaults.resamples); r++) {
    for (let i = 0; i < count; i++) indices[i] = Math.floor(random.uniform() * count);
    const estimate = statistic(indices);
    if (estimate !== null && Number.isFinite(estimate)) estimates.push(estimate);
  }
  return estimates;
}

/** Interval between the percentiles of bootstrap estimates, interpolated linearly; null for no estimates. */
export function percentileInterval(estimates: readonly number[], level = defaults.level): Interval | null {
  if (estimates.length === 0) return null;
  const sorted = [...estimates].sort((a, b) => a - b);
  return { low: quantile(sorted, (1 - level) / 2), high: quantile(sorted, 1 - (1 - level) / 2), level };
}

/**
 * Share of bootstrap differences, centred on their mean, that are as large as the real one. As in `sacrebleu.significance`,
 * but ties count, so that a model compared with itself has p = 1.
 */
export function pairedPValue(estimates: readonly number[], difference: number): number {
  const centre = average(estimates);
  const beyond = estimates.filter((estimate) => Math.abs(estimate - centre) >= Math.abs(difference)).length;
  return (beyond + 1) / (estimates.length + 1);
}

function quantile(sorted: readonly number[], share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Quantile of the standard normal distribution by Wichura's algorithm AS 241 (central and tail rational forms). */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * rational(0.180625 - q * q, central);
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  return Math.sign(q) * (r <= 5 ? rational(r - 1.6, tail) : rational(r - 5, farTail));
}

type Coefficients = { numerator: readonly number[]; denominator: readonly number[] };

const central: Coefficients = {
  numerator: [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
    33430.57558358813, 2509.0809287301227,
  ],
  denominator: [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852546,
  ],
};
const tail: Coefficients = {
  numerator: [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  denominator: [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
};
const farTail: Coefficients = {
  numerator: [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
  ],
  denominator: [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
    1.421511758316446e-7, 2.0442631033899397e-15,
  ],
};

function rational(x: number, { numerator, denominator }: Coefficients): number {
  const horner = (coefficients: readonly number[]) => coefficients.reduceRight((sum, c) => sum * x + c, 0);
  return horner(numerator) / horner(denominator);
}
