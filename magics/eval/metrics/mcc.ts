import { countLabels, type LabelPairs, labelSignature, labelsOfSamples, toLabelPairs } from './labels.ts';
import type { SetMetric } from './metric.ts';

/**
 * Matthews correlation of predicted and right labels, any number of classes (Gorodkin, 2004), -1 to 1; 0 where one side
 * has a single label. Equal to scikit-learn's `matthews_corrcoef`; null for no samples.
 */
export function mcc<Label extends string | number | boolean>(
  predictions: readonly Label[],
  references: readonly Label[],
): { score: number | null; signature: string } {
  return { score: score(toLabelPairs(predictions, references)), signature: 'labels:as given' };
}

/** `mcc` of `%eval`. */
export const mccMetric: SetMetric = {
  name: 'mcc',
  title: 'MCC',
  unit: 'ratio',
  better: 'higher',
  signature: labelSignature,
  isProportion: false,
  prepare(samples) {
    const labels = labelsOfSamples(samples);
    return { determined: samples.length, value: (weights) => score(labels, weights) };
  },
};

function score(labels: LabelPairs, weights?: ArrayLike<number>): number | null {
  const { right, made, due } = countLabels(labels, weights);
  const total = sum(made);
  if (total === 0) return null;
  const covariance = sum(right) * total - dot(made, due);
  const scale = Math.sqrt((total ** 2 - dot(made, made)) * (total ** 2 - dot(due, due)));
  return scale === 0 ? 0 : covariance / scale;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((total, value, i) => total + value * b[i]!, 0);
}
