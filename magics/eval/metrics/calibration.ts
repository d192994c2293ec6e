import { firstLine, labelSignature } from './labels.ts';
import type { AdditiveMetric } from './metric.ts';
import { pairs } from './pairs.ts';

const defaultBins = 15;

/**
 * Expected calibration error (Guo et al., 2017): how far confidence is from accuracy, averaged over bins of equal width
 * (left-open, as there) by the samples in them. Null for no samples.
 */
export function calibrationError(
  confidences: readonly number[],
  isRight: readonly boolean[],
  bins = defaultBins,
): number | null {
  const sums = new Float64Array(3 * bins);
  for (const [confidence, right] of pairs(confidences, isRight)) {
    const vector = binned(confidence, right, bins);
    for (const [i, value] of vector.entries()) sums[i]! += value;
  }
  return errorOf(sums);
}

/** `ece` of `%eval`: of the model's confidence in its answers. */
export function calibrationMetric({ bins = defaultBins }: { bins?: number } = {}): AdditiveMetric {
  return {
    name: 'ece',
    title: 'calibration error',
    unit: 'ratio',
    better: 'lower',
    signature: `of:confidence in the answer|bins:${bins}, equal width|${labelSignature}`,
    isProportion: false,
    width: 3 * bins,
    statistics: ({ prediction, reference, confidence }) =>
      typeof confidence === 'number' ? binned(confidence, firstLine(prediction) === firstLine(reference), bins) : null,
    value: errorOf,
  };
}

/** [samples, sum of confidence, right ones] of each bin, for one sample. */
function binned(confidence: number, isRight: boolean, bins: number): number[] {
  const vector = new Array<number>(3 * bins).fill(0);
  const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1));
  vector[3 * bin] = 1;
  vector[3 * bin + 1] = confidence;
  vector[3 * bin + 2] = Number(isRight);
  return vector;
}

function errorOf(sums: ArrayLike<number>): number | null {
  let [samples, gap] = [0, 0];
  for (let i = 0; i < sums.length; i += 3) {
    samples += sums[i]!;
    gap += Math.abs(sums[i + 1]! - sums[i + 2]!);
  }
  return samples > 0 ? gap / samples : null;
}
