import { z } from 'zod';
import type { Deal } from './deal-rows.ts';

/** What a part's record says of the split; `together` is absent in records of splits that let duplicates fall anywhere. */
export const splitRecipe = z.strictObject({
  part: z.string(),
  shares: z.record(z.string(), z.number()),
  seed: z.int(),
  by: z.string().optional(),
  stratify: z.string().optional(),
  time: z.string().optional(),
  together: z.union([z.literal('exact'), z.number()]).optional(),
});
export type SplitRecipe = z.output<typeof splitRecipe>;

/** Parts are dealt in this order, whatever order a record's keys have. */
const order = ['train', 'dev', 'test'];

/** The deal that a recipe describes. */
export function dealOf({ shares, seed, by, stratify, time, together }: Omit<SplitRecipe, 'part'>): Deal {
  return { shares: namesOf(shares).map((name) => shares[name]!), seed, by, stratify, time, together };
}

/** Where a part begins and ends when all parts lie one after the other from 0 to 1; the last one has no end, whatever rounding says. */
export function shareRange(shares: SplitRecipe['shares'], part: string): [number, number] {
  const names = namesOf(shares);
  const at = names.indexOf(part);
  const upTo = (count: number) => names.slice(0, count).reduce((sum, name) => sum + shares[name]!, 0);
  return [upTo(at), at === names.length - 1 ? 2 : upTo(at + 1)];
}

/** Rows of one part. */
export function partRows(parts: Int8Array, shares: SplitRecipe['shares'], part: string): Int32Array {
  const wanted = namesOf(shares).indexOf(part);
  const rows = new Int32Array(parts.reduce((sum, of) => sum + (of === wanted ? 1 : 0), 0));
  let at = 0;
  parts.forEach((of, row) => {
    if (of === wanted) rows[at++] = row;
  });
  return rows;
}

function namesOf(shares: SplitRecipe['shares']): string[] {
  return order.filter((name) => Object.hasOwn(shares, name));
}
