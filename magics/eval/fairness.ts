import { mean } from './metrics/metric.ts';
import { pairs } from './metrics/pairs.ts';

/** What Fairlearn's measures compare between groups. */
export type Rate = 'selectionRate' | 'truePositiveRate' | 'falsePositiveRate' | 'accuracy';

/** One group's counts and rates; a rate is null where the group has no sample that it is about. */
export type GroupRates = Record<Rate, number | null> & { count: number };

/** How groups fare with a classifier whose `positive` answer is the favourable one. */
export interface Fairness {
  overall: GroupRates;
  byGroup: Record<string, GroupRates>;
  demographicParityDifference: number | null;
  demographicParityRatio: number | null;
  equalizedOddsDifference: number | null;
  equalizedOddsRatio: number | null;
  equalOpportunityDifference: number | null;
  signature: string;
}

/**
 * Fairlearn's measures (Bird et al., 2020), equal to its `MetricFrame`, `demographic_parity_*`, `equalized_odds_*`
 * (worst case) and `equal_opportunity_difference`. Where a group has no positives (or negatives), Fairlearn takes its
 * rate as 0; here it is undetermined and takes no part.
 */
export function fairness(
  predictions: readonly string[],
  references: readonly string[],
  groups: readonly string[],
  positive: string,
): Fairness {
  const outcomes = pairs(predictions, references).map(([predicted, wanted]) => ({
    predicted: predicted === positive,
    wanted: wanted === positive,
    isRight: predicted === wanted,
  }));
  const names = [...new Set(pairs(outcomes, groups).map(([, group]) => group))].sort();
  const byGroup = Object.fromEntries(
    names.map((name) => [name, ratesOf(outcomes.filter((_, i) => groups[i] === name))]),
  );
  const spread = (rate: Rate) => between(Object.values(byGroup).map((rates) => rates[rate]));
  const [selection, truePositive, falsePositive] = [
    spread('selectionRate'),
    spread('truePositiveRate'),
    spread('falsePositiveRate'),
  ];
  return {
    overall: ratesOf(outcomes),
    byGroup,
    demographicParityDifference: selection.difference,
    demographicParityRatio: selection.ratio,
    equalizedOddsDifference: extreme(Math.max, [truePositive.difference, falsePositive.difference]),
    equalizedOddsRatio: extreme(Math.min, [truePositive.ratio, falsePositive.ratio]),
    equalOpportunityDifference: truePositive.difference,
    signature: fairnessSignature(positive),
  };
}

/** How the figures are made, for signatures. */
export function fairnessSignature(positive: string): string {
  return `fairlearn:0.15|method:between_groups|agg:worst_case|positive:${positive}`;
}

/** The largest difference between groups, and the smallest rate over the largest. Null without a determined group. */
export function between(values: readonly (number | null)[]): { difference: number | null; ratio: number | null } {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return { difference: null, ratio: null };
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return { difference: high - low, ratio: high === 0 ? null : low / high };
}

interface Outcome {
  predicted: boolean;
  wanted: boolean;
  isRight: boolean;
}

function ratesOf(outcomes: readonly Outcome[]): GroupRates {
  const share = (of: readonly Outcome[], is: (outcome: Outcome) => boolean) => mean(of.map((one) => Number(is(one))));
  const isPredicted = ({ predicted }: Outcome) => predicted;
  return {
    count: outcomes.length,
    accuracy: share(outcomes, ({ isRight }) => isRight),
    selectionRate: share(outcomes, isPredicted),
    truePositiveRate: share(
      outcomes.filter(({ wanted }) => wanted),
      isPredicted,
    ),
    falsePositiveRate: share(
      outcomes.filter(({ wanted }) => !wanted),
      isPredicted,
    ),
  };
}

function extreme(choose: (...values: number[]) => number, values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : choose(...known);
}
