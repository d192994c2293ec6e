/** Items that belong together because links lead from one to the other (disjoint sets with path halving). */
export interface Components {
  link(a: number, b: number): void;
  /** The same number for all items of a component: its first item. */
  of(item: number): number;
}

export function createComponents(size: number): Components {
  const parent = Int32Array.from({ length: size }, (_, item) => item);
  const of = (item: number) => {
    let at = item;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  return {
    of,
    link(a, b) {
      const [x, y] = [of(a), of(b)];
      if (x < y) parent[y] = x;
      else parent[x] = y;
    },
  };
}
