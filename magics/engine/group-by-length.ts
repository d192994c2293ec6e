export interface GroupLimits {
  /** Most items in a group. */
  rows: number;
  /** Most positions in a group once it is padded: items times the longest one. A single item may be longer. */
  positions: number;
}

/** Groups of items of similar length, shortest first, so that little is lost to padding. */
export function groupByLength<T>(items: readonly T[], lengthOf: (item: T) => number, limits: GroupLimits): T[][] {
  const groups: T[][] = [];
  for (const item of [...items].sort((a, b) => lengthOf(a) - lengthOf(b))) {
    const group = groups.at(-1);
    const hasRoom =
      group !== undefined && group.length < limits.rows && (group.length + 1) * lengthOf(item) <= limits.positions;
    if (hasRoom) group.push(item);
    else groups.push([item]);
  }
  return groups;
}
