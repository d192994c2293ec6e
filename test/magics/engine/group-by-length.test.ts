import { describe, expect, it } from 'vitest';
import { groupByLength } from '../../../magics/engine/group-by-length.ts';

const group = (lengths: number[], rows: number, positions: number) =>
  groupByLength(lengths, (length) => length, { rows, positions });

describe('groups of similar length', () => {
  it('hold the limit of rows', () => {
    expect(group([3, 1, 2, 5, 4], 2, 100)).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('hold the limit of padded positions', () => {
    expect(group([1, 1, 9, 10, 10], 32, 20)).toEqual([[1, 1], [9, 10], [10]]);
  });

  it('give an item that is longer than the limit a group of its own', () => {
    expect(group([30, 2], 32, 20)).toEqual([[2], [30]]);
    expect(group([], 32, 20)).toEqual([]);
  });
});
