import { type Metric, mean, meanMetric } from './metric.ts';
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
export const accuracyMetric: Metric = meanMetric({
  name: 'accuracy',
  title: 'accuracy',
  signature: 'labels:first line, trimmed',
  isProportion: true,
  score: ({ prediction, reference }) => Number(label(prediction) === label(reference)),
});

function label(text: string): string {
  return text.trim().split('\n', 1)[0]!.trim();
}
