import { type AdditiveMetric, meanMetric, type SetMetric } from './metric.ts';

/** `latency` of `%eval`: mean seconds of an answer, where each was asked by itself. */
export const latencyMetric: AdditiveMetric = meanMetric({
  name: 'latency',
  title: 'latency, s',
  unit: 'ratio',
  better: 'lower',
  signature: 'of:whole answer|agg:mean|unit:s',
  isProportion: false,
  score: ({ seconds }) => seconds ?? null,
});

/** `latency_p95` of `%eval`: seconds that 95% of the answers take at most (nearest rank). */
export const latencyP95Metric: SetMetric = {
  name: 'latency_p95',
  title: 'latency, 95th percentile, s',
  unit: 'ratio',
  better: 'lower',
  signature: 'of:whole answer|agg:p95, nearest rank|unit:s',
  isProportion: false,
  prepare(samples) {
    const known = samples.flatMap(({ seconds }, i) => (seconds === undefined ? [] : [{ seconds, i }]));
    known.sort((a, b) => a.seconds - b.seconds);
    return {
      determined: known.length,
      value(weights) {
        const weightOf = (i: number) => (weights === undefined ? 1 : weights[i]!);
        let left = 0.95 * known.reduce((sum, { i }) => sum + weightOf(i), 0);
        for (const { seconds, i } of known) {
          left -= weightOf(i);
          if (left <= 1e-9) return seconds;
        }
        return null;
      },
    };
  },
};

/** `cost` of `%eval`: what the answers cost together, in the currency of the prices. */
export const costMetric: AdditiveMetric = {
  name: 'cost',
  title: 'cost of all answers',
  unit: 'ratio',
  better: 'lower',
  signature: 'of:whole answer|agg:sum',
  isProportion: false,
  width: 2,
  statistics: ({ cost }) => (cost === undefined ? null : [cost, 1]),
  value: (sums) => (sums[1]! > 0 ? sums[0]! : null),
};
