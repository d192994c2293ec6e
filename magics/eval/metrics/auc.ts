import { firstLine, labelSignature } from './labels.ts';
import type { SetMetric } from './metric.ts';
import { pairs } from './pairs.ts';

/**
 * Area under the ROC curve: the probability that a positive has a higher score than a negative, ties counting half
 * (scikit-learn's `roc_auc_score`). Null without samples of both kinds.
 */
export function auc(isPositive: readonly boolean[], scores: readonly number[]): number | null {
  return createAuc(pairs(isPositive, scores))();
}

/** `auc` of `%eval`: whether the model is surer of its right answers than of its wrong ones. */
export const aucMetric: SetMetric = {
  name: 'auc',
  title: 'AUC of confidence',
  unit: 'ratio',
  better: 'higher',
  signature: `of:confidence in the answer|positive:right answer|${labelSignature}`,
  isProportion: false,
  prepare(samples) {
    const known = samples.flatMap(({ prediction, reference, confidence }, i) =>
      typeof confidence === 'number'
        ? [{ i, isRight: firstLine(prediction) === firstLine(reference), confidence }]
        : [],
    );
    const area = createAuc(known.map(({ isRight, confidence }) => [isRight, confidence]));
    return {
      determined: known.length,
      value: (weights) => area(weights === undefined ? undefined : known.map(({ i }) => weights[i]!)),
    };
  },
};

/** Sorts once; each call sums over runs of equal scores from below. */
function createAuc(
  samples: readonly (readonly [isPositive: boolean, score: number])[],
): (weights?: ArrayLike<number>) => number | null {
  const order = [...samples.keys()].sort((a, b) => samples[a]![1] - samples[b]![1]);
  return (weights) => {
    let [positives, negatives, wins] = [0, 0, 0];
    for (let start = 0, end = 0; start < order.length; start = end) {
      let [tiedPositives, tiedNegatives] = [0, 0];
      for (; end < order.length && samples[order[end]!]![1] === samples[order[start]!]![1]; end++) {
        const weight = weights === undefined ? 1 : weights[order[end]!]!;
        if (samples[order[end]!]![0]) tiedPositives += weight;
        else tiedNegatives += weight;
      }
      wins += tiedPositives * (negatives + tiedNegatives / 2);
      positives += tiedPositives;
      negatives += tiedNegatives;
    }
    return positives > 0 && negatives > 0 ? wins / (positives * negatives) : null;
  };
}
