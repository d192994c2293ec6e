import type { Sample } from './metric.ts';
import { pairs } from './pairs.ts';

/** The label in an answer: its first line that is not empty, trimmed, so that text after the label does not count. */
export function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0]!.trim();
}

/** What `firstLine` does to a label, for signatures. */
export const labelSignature = 'labels:first line, trimmed';

/** How often each label was predicted where each was right; labels as integers. */
export interface LabelPairs {
  readonly labels: number;
  readonly predicted: Int32Array;
  readonly wanted: Int32Array;
}

/** Labels of predictions and references as integers. */
export function toLabelPairs(
  predictions: readonly (string | number | boolean)[],
  references: readonly (string | number | boolean)[],
): LabelPairs {
  const ids = new Map<string, number>();
  const idOf = (label: unknown) => {
    const known = ids.get(String(label));
    if (known !== undefined) return known;
    ids.set(String(label), ids.size);
    return ids.size - 1;
  };
  const both = pairs(predictions, references).map(([p, r]) => [idOf(p), idOf(r)] as const);
  return {
    labels: ids.size,
    predicted: Int32Array.from(both, ([p]) => p),
    wanted: Int32Array.from(both, ([, r]) => r),
  };
}

/** Label pairs of samples, each label the answer's first line. */
export function labelsOfSamples(samples: readonly Sample[]): LabelPairs {
  return toLabelPairs(
    samples.map(({ prediction }) => firstLine(prediction)),
    samples.map(({ reference }) => firstLine(reference)),
  );
}

/** Per label: times right, predicted and wanted, samples weighted. */
export function countLabels({ labels, predicted, wanted }: LabelPairs, weights?: ArrayLike<number>) {
  const right = new Float64Array(labels);
  const made = new Float64Array(labels);
  const due = new Float64Array(labels);
  for (let i = 0; i < predicted.length; i++) {
    const weight = weights === undefined ? 1 : weights[i]!;
    made[predicted[i]!]! += weight;
    due[wanted[i]!]! += weight;
    if (predicted[i] === wanted[i]) right[wanted[i]!]! += weight;
  }
  return { right, made, due };
}
