import { rowsByKey } from '../prepare/rows-by-key.ts';
import { createRandom, permutation, shuffled } from '../random.ts';

/** How rows are dealt to parts. */
export interface Assignment {
  /** Share of each part; they add up to 1. */
  readonly shares: readonly number[];
  readonly seed: number;
  /** Rows with the same key stay together. One key per row. */
  readonly groups?: readonly string[];
  /** Each part gets its share of the rows of each key. One key per row. */
  readonly strata?: readonly string[];
}

/**
 * The part (index into `shares`) of each of `rows` rows. Without groups every part has its share to within one row, and of
 * each stratum to within two. With groups, no group is in two parts, and parts miss their share by less than a group.
 */
export function assignRows(rows: number, { shares, seed, groups, strata }: Assignment): Int8Array {
  const random = createRandom(seed);
  const parts = new Int8Array(rows);
  const grouped = groups === undefined ? undefined : [...rowsByKey(groups).values()];
  const rowsOf = (unit: number) => grouped?.[unit] ?? [unit];
  const units = permutation(grouped?.length ?? rows, random);
  const ordered = strata === undefined ? units : byStratum(units, rowsOf, strata, random);
  const given = shares.map(() => 0);
  let seen = 0;
  for (const unit of ordered) {
    const own = rowsOf(unit);
    seen += own.length;
    const target = groups === undefined || strata !== undefined ? seen : rows;
    const missing = shares.map((share, i) => share * target - given[i]!);
    const part = groups !== undefined && strata === undefined ? drawn(missing, random) : largest(missing);
    given[part]! += own.length;
    for (const row of own) parts[row] = part;
  }
  return parts;
}

/** Units of the same stratum one after the other; a group belongs to the stratum that most of its rows have. */
function byStratum(
  units: Int32Array,
  rowsOf: (unit: number) => readonly number[],
  strata: readonly string[],
  random: () => number,
): number[] {
  const keys = Array.from(units, (unit) => mostCommon(rowsOf(unit).map((row) => strata[row]!)));
  const lists = [...rowsByKey(keys).values()];
  return shuffled(lists, random).flatMap((places) => places.map((place) => units[place]!));
}

function mostCommon(keys: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

/** A part at random, in proportion to what it still misses. */
function drawn(missing: readonly number[], random: () => number): number {
  const weights = missing.map((n) => Math.max(0, n));
  let point = random() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [part, weight] of weights.entries()) {
    point -= weight;
    if (point < 0) return part;
  }
  return largest(missing);
}

function largest(values: readonly number[]): number {
  return values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);
}
