/** Row numbers by key, keys in the order in which they first occur. */
export function rowsByKey(keys: readonly string[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  keys.forEach((key, row) => {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  });
  return groups;
}

/** The row numbers from 0 to `total - 1` that are not among `rows`, in order. */
export function rowsWithout(total: number, rows: Iterable<number>): Int32Array {
  const isGone = new Uint8Array(total);
  for (const row of rows) isGone[row] = 1;
  const left = new Int32Array(isGone.reduce((sum, gone) => sum + 1 - gone, 0));
  let at = 0;
  isGone.forEach((gone, row) => {
    if (gone === 0) left[at++] = row;
  });
  return left;
}
