/** Rows of which something was seen: how many, and the first of them. Rows count from 0 and come in order. */
export interface RowTally {
  readonly count: number;
  readonly first: readonly number[];
  /** Counts a row once, however often it is added in a run. */
  add(row: number): void;
}

/** Remembers the numbers of the first `listed` rows, so that any number of rows can be counted. */
export function createRowTally(listed: number): RowTally {
  const first: number[] = [];
  let count = 0;
  let last = -1;
  return {
    get count() {
      return count;
    },
    first,
    add(row) {
      if (row === last) return;
      last = row;
      count++;
      if (first.length < listed) first.push(row);
    },
  };
}
