import { type AdditiveMetric, isAdditive, type Metric, type Sample } from './metrics/metric.ts';

/** A metric with everything that it needs of the samples, so that resampling is only arithmetic. */
export interface PreparedMetric {
  /** Samples, undetermined ones included. */
  readonly count: number;
  /** Samples that the metric is determined for. */
  readonly determined: number;
  /** The metric of the samples taken `weights[i]` times each; once each when absent. Null when undetermined. */
  value(weights?: ArrayLike<number>): number | null;
}

/** Looks at every sample once. */
export function prepareMetric(metric: Metric, samples: readonly Sample[]): PreparedMetric {
  return isAdditive(metric) ? prepareSums(metric, samples) : { count: samples.length, ...metric.prepare(samples) };
}

/** Vectors in one flat array [count * width]; undetermined samples are zeros, which no sum notices. */
function prepareSums(metric: AdditiveMetric, samples: readonly Sample[]): PreparedMetric {
  const { width } = metric;
  const vectors = new Float64Array(samples.length * width);
  let determined = 0;
  for (const [i, sample] of samples.entries()) {
    const vector = metric.statistics(sample);
    if (vector === null) continue;
    vectors.set(vector, i * width);
    determined += 1;
  }
  const sums = new Float64Array(width);
  return {
    count: samples.length,
    determined,
    value(weights) {
      sums.fill(0);
      for (let i = 0; i < samples.length; i++) {
        const weight = weights === undefined ? 1 : weights[i]!;
        if (weight === 0) continue;
        for (let k = 0; k < width; k++) sums[k]! += weight * vectors[i * width + k]!;
      }
      return metric.value(sums);
    },
  };
}
