import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../magics/dataset/random.ts';
import { assignRows } from '../../../../magics/dataset/split/assign.ts';

const shares = [0.8, 0.1, 0.1];
const cases = Array.from({ length: 40 }, (_, seed) => {
  const random = createRandom(seed + 100);
  const rows = 30 + Math.floor(random() * 2000);
  const groups = Array.from({ length: rows }, () => `g${Math.floor(random() ** 2 * 60)}`);
  const strata = Array.from({ length: rows }, () => `s${Math.floor(random() ** 2 * 8)}`);
  return { seed, rows, groups, strata };
});

describe('assignRows', () => {
  it('gives each part its share to within one row', () => {
    for (const { seed, rows } of cases) {
      const counts = tally(assignRows(rows, { shares, seed }));
      shares.forEach((share, part) => {
        expect(Math.abs(counts[part]! - share * rows)).toBeLessThanOrEqual(1);
      });
    }
  });

  it('never puts a group in two parts, and misses a share by less than the largest group', () => {
    for (const { seed, rows, groups } of cases) {
      const parts = assignRows(rows, { shares, seed, groups });
      const partsOf = new Map<string, Set<number>>();
      groups.forEach((group, row) => {
        partsOf.set(group, (partsOf.get(group) ?? new Set()).add(parts[row]!));
      });
      expect([...partsOf.values()].every((set) => set.size === 1)).toBe(true);
      const largest = Math.max(...[...partsOf.keys()].map((group) => groups.filter((g) => g === group).length));
      const counts = tally(parts);
      for (const part of [1, 2]) expect(Math.abs(counts[part]! - shares[part]! * rows)).toBeLessThan(largest * 2);
    }
  });

  it('gives each part its share of every stratum to within two rows', () => {
    for (const { seed, rows, strata } of cases) {
      const parts = assignRows(rows, { shares, seed, strata });
      for (const stratum of new Set(strata)) {
        const own = [...parts].filter((_, row) => strata[row] === stratum);
        shares.forEach((share, part) => {
          expect(Math.abs(own.filter((p) => p === part).length - share * own.length)).toBeLessThanOrEqual(2);
        });
      }
    }
  });

  it('keeps groups whole when it stratifies too', () => {
    for (const { seed, rows, groups, strata } of cases) {
      const parts = assignRows(rows, { shares, seed, groups, strata });
      const first = new Map<string, number>();
      groups.forEach((group, row) => {
        expect(parts[row]).toBe(first.get(group) ?? parts[row]);
        first.set(group, parts[row]!);
      });
    }
  });

  it('depends on the seed alone', () => {
    const { rows, groups } = cases[0]!;
    expect(assignRows(rows, { shares, seed: 7, groups })).toEqual(assignRows(rows, { shares, seed: 7, groups }));
    expect(assignRows(rows, { shares, seed: 7 })).not.toEqual(assignRows(rows, { shares, seed: 8 }));
  });
});

function tally(parts: Int8Array): number[] {
  return shares.map((_, part) => parts.filter((p) => p === part).length);
}
