/** One answered sample of a test set. */
export interface Sample {
  prediction: string;
  reference: string;
  /** Sum of the reference's token log-probabilities under the model, in nats; null when it was not computed. */
  referenceLogprob?: number | null;
  /** Tokens that `referenceLogprob` sums over. */
  referenceTokens?: number;
  /** Probability that the model gave its answer, 0 to 1; null when it is not known. */
  confidence?: number | null;
  /** Seconds from asking to the end of the answer. */
  seconds?: number;
  /** The row of the data set, for metrics that look at groups. */
  row?: Readonly<Record<string, unknown>>;
  /** Cosine of the embeddings of answer and right answer, -1 to 1; null where one has none. */
  similarity?: number | null;
  /** Price of the call, in the currency of the prices that were given. */
  cost?: number;
}

interface MetricDescription {
  readonly name: string;
  /** For headlines and axes: `exact match`. */
  readonly title: string;
  /** `share` is shown in percent, `points` as it is (BLEU), `ratio` as a plain number. */
  readonly unit: 'share' | 'points' | 'ratio';
  readonly better: 'higher' | 'lower';
  /** How it is computed; only figures of the same signature are comparable. */
  readonly signature: string;
  /** True when every sample is 0 or 1, so that the metric is a proportion (Wilson's interval applies). */
  readonly isProportion: boolean;
}

/**
 * A metric as sufficient statistics: each sample gives a short vector, and the metric of any set of samples is a
 * function of the vectors' sum. Resampling (bootstrap) and slicing then never look at the texts again.
 */
export interface AdditiveMetric extends MetricDescription {
  /** Length of every vector that `statistics` gives. */
  readonly width: number;
  /** The sample's vector, or null when the metric is undetermined for it. */
  statistics(sample: Sample): readonly number[] | null;
  /** The metric of the samples whose vectors sum to `sums`; null when undetermined. */
  value(sums: ArrayLike<number>): number | null;
}

/** A metric of the whole set that is no function of sums: ranks (AUC), or a table of labels (macro F1). */
export interface SetMetric extends MetricDescription {
  /**
   * Prepares samples once. `value` then gives the metric of the samples taken `weights[i]` times each (once each when
   * absent); `determined` counts the samples that take part.
   */
  prepare(samples: readonly Sample[]): {
    determined: number;
    value(weights?: ArrayLike<number>): number | null;
  };
}

export type Metric = AdditiveMetric | SetMetric;

/** True for metrics of sums. */
export function isAdditive(metric: Metric): metric is AdditiveMetric {
  return 'statistics' in metric;
}

/** A metric that is the mean of one number per sample. */
export function meanMetric(
  metric: Pick<MetricDescription, 'name' | 'title' | 'signature' | 'isProportion'> & {
    unit?: Metric['unit'];
    better?: Metric['better'];
    score(sample: Sample): number | null;
  },
): AdditiveMetric {
  const { score, unit = 'share', better = 'higher', ...rest } = metric;
  return {
    ...rest,
    unit,
    better,
    width: 2,
    statistics(sample) {
      const value = score(sample);
      return value === null ? null : [value, 1];
    },
    value: (sums) => (sums[1]! > 0 ? sums[0]! / sums[1]! : null),
  };
}

/** Mean of the numbers; null of none. */
export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
