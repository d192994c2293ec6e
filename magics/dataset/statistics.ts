/** Statistics for comparing samples: pure functions, null where there is nothing to compute from. */

/** A test's outcome: the statistic, and how likely a larger one is by chance. */
export interface TestResult {
  readonly statistic: number;
  readonly pValue: number;
}

/** The value below which a share of the sorted values lies, interpolated linearly (NumPy's default); null of none. */
export function quantile(sorted: ArrayLike<number>, share: number): number | null {
  if (sorted.length === 0) return null;
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}

/**
 * Population stability index of two histograms over the same bins: sum of (q - p) ln(q / p). Below 0.1 is called
 * stable, above 0.25 shifted. Empty bins count as half an observation. Null when one side has no observations.
 */
export function populationStabilityIndex(reference: readonly number[], current: readonly number[]): number | null {
  const [referenceTotal, currentTotal] = [sum(reference), sum(current)];
  if (referenceTotal === 0 || currentTotal === 0) return null;
  return sum(
    reference.map((count, bin) => {
      const p = (count || 0.5) / referenceTotal;
      const q = (current[bin]! || 0.5) / currentTotal;
      return (q - p) * Math.log(q / p);
    }),
  );
}

/**
 * Jensen-Shannon divergence of two histograms over the same bins, in bits: 0 when they are alike, 1 when nothing is in
 * both. Null when one side has no observations. Source: Lin (1991), Divergence measures based on the Shannon entropy.
 */
export function jensenShannon(a: readonly number[], b: readonly number[]): number | null {
  const [totalA, totalB] = [sum(a), sum(b)];
  if (totalA === 0 || totalB === 0) return null;
  const term = (p: number, middle: number) => (p === 0 ? 0 : p * Math.log2(p / middle));
  return sum(
    a.map((count, bin) => {
      const [p, q] = [count / totalA, b[bin]! / totalB];
      return (term(p, (p + q) / 2) + term(q, (p + q) / 2)) / 2;
    }),
  );
}

/**
 * Two-sample Kolmogorov-Smirnov test: the largest distance between the empirical distributions, with the p-value of
 * its limiting distribution (good from about 30 values on each side). Null when one side is empty.
 */
export function kolmogorovSmirnov(a: readonly number[], b: readonly number[]): TestResult | null {
  if (a.length === 0 || b.length === 0) return null;
  const [x, y] = [Float64Array.from(a).sort(), Float64Array.from(b).sort()];
  let statistic = 0;
  let i = 0;
  let j = 0;
  while (i < x.length && j < y.length) {
    const value = Math.min(x[i]!, y[j]!);
    while (x[i] === value) i++;
    while (y[j] === value) j++;
    statistic = Math.max(statistic, Math.abs(i / x.length - j / y.length));
  }
  const scale = Math.sqrt((x.length * y.length) / (x.length + y.length));
  return { statistic, pValue: kolmogorovTail(scale * statistic) };
}

/**
 * Pearson's chi-squared test that two histograms over the same categories have one distribution, without continuity
 * correction. `cramersV` (0 to 1) is its effect size, which does not grow with the sample. Null when one side is empty.
 */
export function chiSquared(
  a: readonly number[],
  b: readonly number[],
): (TestResult & { degreesOfFreedom: number; cramersV: number }) | null {
  const [totalA, totalB] = [sum(a), sum(b)];
  if (totalA === 0 || totalB === 0) return null;
  const total = totalA + totalB;
  let statistic = 0;
  let categories = 0;
  for (const [bin, countA] of a.entries()) {
    const both = countA + b[bin]!;
    if (both === 0) continue;
    categories += 1;
    const [expectedA, expectedB] = [(both * totalA) / total, (both * totalB) / total];
    statistic += (countA - expectedA) ** 2 / expectedA + (b[bin]! - expectedB) ** 2 / expectedB;
  }
  const degreesOfFreedom = categories - 1;
  const pValue = degreesOfFreedom === 0 ? 1 : upperGamma(degreesOfFreedom / 2, statistic / 2);
  return { statistic, pValue, degreesOfFreedom, cramersV: Math.sqrt(statistic / total) };
}

/** P(K > x) of the Kolmogorov distribution, by the series that converges fast on each side of 1. */
export function kolmogorovTail(x: number): number {
  if (x <= 0) return 1;
  if (x < 1) {
    const terms = [1, 3, 5, 7, 9].map((k) => Math.exp((-(k ** 2) * Math.PI ** 2) / (8 * x * x)));
    return 1 - (Math.sqrt(2 * Math.PI) / x) * sum(terms);
  }
  return 2 * sum([1, 2, 3, 4, 5, 6].map((k) => (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * x * x)));
}

/** Regularized upper incomplete gamma function Q(a, x) (Press et al., Numerical Recipes, 6.2). */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const factor = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? 1 - factor * lowerSeries(a, x) : factor * upperFraction(a, x);
}

function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let total = term;
  for (let n = 1; Math.abs(term) > Math.abs(total) * 1e-16; n++) {
    term *= x / (a + n);
    total += term;
  }
  return total;
}

/** Lentz's method for the continued fraction. */
function upperFraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let result = d;
  for (let n = 1; n < 10_000; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / nonZero(numerator * d + b, tiny);
    c = nonZero(b + numerator / c, tiny);
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return result;
}

/** Lanczos' approximation of ln Gamma(x), x > 0 (g = 7, n = 9). */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const coefficients = [
    676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
    -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
  ];
  const series = coefficients.reduce((total, c, i) => total + c / (x + i), 0.9999999999998099);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(series);
}

function nonZero(value: number, tiny: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
