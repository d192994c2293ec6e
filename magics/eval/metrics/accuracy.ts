import { firstLine, labelSignature } from './labels.ts';
import { type AdditiveMetric, mean, meanMetric } from './metric.ts';
import { pairs } from './pairs.ts';

/** Share of labels predicted correctly, compared as they are (scikit-learn's `accuracy_score`); null for no samples. */
export function accuracy<Label extends string | number | boolean>(
  predictions: readonly Label[],
  references: readonly Label[],
): { score: number | null; signature: string } {
  const matches = pairs(predictions, references).map(([p, r]) => Number(p === r));
  return { score: mean(matches), signature: 'labels:as given' };
}

/**
 * `accuracy` of `%eval`: the label is the answer's first line that is not empty, compared after trimming,
 * so that text after the label does not count against a classifier.
 */
export const accuracyMetric: AdditiveMetric = meanMetric({
  name: 'accuracy',
  title: 'accuracy',
  signature: labelSignature,
  isProportion: true,
  score: ({ prediction, reference }) => Number(firstLine(prediction) === firstLine(reference)),
});
