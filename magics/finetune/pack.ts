/**
 * Puts items into rows that hold `capacity` in all: best fit, the largest items first, so that the number of rows depends
 * on the sizes alone. An item of size 0 counts as 1; none may be larger than the capacity.
 */
export function packRows<T>(items: readonly T[], sizeOf: (item: T) => number, capacity: number): T[][] {
  const rows: T[][] = [];
  /** Rows by the room that is left in them. */
  const open: T[][][] = Array.from({ length: capacity + 1 }, () => []);
  const sized = items.map((item) => ({ item, size: Math.max(1, sizeOf(item)) }));
  for (const { item, size } of sized.sort((a, b) => b.size - a.size)) {
    let room = size;
    while (room <= capacity && open[room]!.length === 0) room++;
    const isNew = room > capacity;
    const row = isNew ? [] : open[room]!.pop()!;
    if (isNew) rows.push(row);
    row.push(item);
    open[(isNew ? capacity : room) - size]!.push(row);
  }
  return rows;
}
