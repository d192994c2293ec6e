import { countLabels, type LabelPairs, labelSignature, labelsOfSamples, toLabelPairs } from './labels.ts';
import { mean, type SetMetric } from './metric.ts';

/** F1 of each label, averaged over the labels that occur (scikit-learn's `f1_score(average="macro")`); null for no samples. */
export function macroF1<Label extends string | number | boolean>(
  predictions: readonly Label[],
  references: readonly Label[],
): { score: number | null; signature: string } {
  return { score: score(toLabelPairs(predictions, references)), signature: 'labels:as given|avg:macro' };
}

/** `macro_f1` of `%eval`. */
export const macroF1Metric: SetMetric = {
  name: 'macro_f1',
  title: 'macro F1',
  unit: 'share',
  better: 'higher',
  signature: `${labelSignature}|avg:macro`,
  isProportion: false,
  prepare(samples) {
    const labels = labelsOfSamples(samples);
    return { determined: samples.length, value: (weights) => score(labels, weights) };
  },
};

function score(labels: LabelPairs, weights?: ArrayLike<number>): number | null {
  const { right, made, due } = countLabels(labels, weights);
  const present = Array.from(right.keys()).filter((label) => made[label]! + due[label]! > 0);
  return mean(present.map((label) => (2 * right[label]!) / (made[label]! + due[label]!)));
}
