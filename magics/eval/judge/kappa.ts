import { pairs } from '../metrics/pairs.ts';

/** How disagreements count: all alike, or by the distance of the grades or its square. */
export type KappaWeights = 'none' | 'linear' | 'quadratic';

export interface Agreement {
  /** 1 for full agreement, 0 for what chance would give; null where both sides always say the same one thing. */
  kappa: number | null;
  /** Share of equal judgements. */
  agreement: number | null;
  /** Judgements that both sides made. */
  n: number;
  /** Judgements that a side left undetermined: they take no part. */
  undetermined: number;
  signature: string;
}

/**
 * Cohen's kappa of two judges (Cohen, 1960; weighted 1968), equal to scikit-learn's `cohen_kappa_score`. Weights go by
 * the rank of the grades that occur.
 */
export function cohenKappa<Grade extends number | string>(
  one: readonly (Grade | null)[],
  other: readonly (Grade | null)[],
  weights: KappaWeights = 'none',
): Agreement {
  const both = pairs(one, other).filter((pair): pair is [Grade, Grade] => pair[0] !== null && pair[1] !== null);
  const grades = [...new Set(both.flat())].sort((a, b) => (a < b ? -1 : 1));
  const rank = new Map(grades.map((grade, i) => [grade, i]));
  const [left, right] = [0, 1].map((side) => countRanks(both, side as 0 | 1, rank)) as [number[], number[]];
  let [observed, expected] = [0, 0];
  for (const [a, b] of both) observed += distance(rank.get(a)!, rank.get(b)!, weights);
  for (const [i, a] of left.entries())
    for (const [j, b] of right.entries()) expected += (a * b * distance(i, j, weights)) / both.length;
  return {
    kappa: expected === 0 ? null : 1 - observed / expected,
    agreement: both.length === 0 ? null : both.filter(([a, b]) => a === b).length / both.length,
    n: both.length,
    undetermined: one.length - both.length,
    signature: `cohen-kappa|weights:${weights}`,
  };
}

function countRanks<Grade>(both: readonly [Grade, Grade][], side: 0 | 1, rank: ReadonlyMap<Grade, number>): number[] {
  const counts = new Array<number>(rank.size).fill(0);
  for (const pair of both) counts[rank.get(pair[side])!]! += 1;
  return counts;
}

function distance(a: number, b: number, weights: KappaWeights): number {
  if (weights === 'none') return Number(a !== b);
  return weights === 'linear' ? Math.abs(a - b) : (a - b) ** 2;
}
