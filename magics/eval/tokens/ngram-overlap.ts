/**
 * How many n-grams of a hypothesis occur in its references, for n = 1 .. maxOrder. An n-gram counts at most as often as
 * in the reference that has it most often (clipped counts).
 */
export type NgramOverlap = (
  hypothesis: readonly number[],
  references: readonly (readonly number[])[],
  maxOrder: number,
) => number[];

/**
 * An overlap counter with a table of its own that is used again and again. The references' n-grams are a tree in a hash
 * table: an n-gram is the slot of its first n - 1 tokens and its last token, so that no n-gram is ever built.
 */
export function createNgramOverlap(): NgramOverlap {
  let table = createTable(1 << 10);
  let stamp = 0;

  /** Slot of `token` after the n-gram in slot `prefix`: its own if it has one, else a free one as -slot - 1. */
  function find(prefix: number, token: number): number {
    const mask = table.stamps.length - 1;
    let hash = Math.imul(prefix + 1, 0x9e3779b1) ^ Math.imul(token + 1, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let slot = (hash ^ (hash >>> 13)) & mask;
    while (table.stamps[slot] === stamp) {
      if (table.prefixes[slot] === prefix && table.tokens[slot] === token) return slot;
      slot = (slot + 1) & mask;
    }
    return -slot - 1;
  }

  function add(prefix: number, token: number, reference: number): number {
    let slot = find(prefix, token);
    if (slot < 0) {
      slot = -slot - 1;
      table.stamps[slot] = stamp;
      table.prefixes[slot] = prefix;
      table.tokens[slot] = token;
      table.limits[slot] = table.used[slot] = table.counts[slot] = 0;
      table.references[slot] = reference;
    }
    if (table.references[slot] !== reference) {
      table.references[slot] = reference;
      table.counts[slot] = 0;
    }
    const count = ++table.counts[slot]!;
    if (count > table.limits[slot]!) table.limits[slot] = count;
    return slot;
  }

  return (hypothesis, references, maxOrder) => {
    let needed = 1;
    for (const reference of references) needed += reference.length * maxOrder * 2;
    if (needed > table.stamps.length) table = createTable(2 ** Math.ceil(Math.log2(needed)));
    stamp = (stamp + 1) | 0;
    for (const [which, reference] of references.entries())
      for (let start = 0; start < reference.length; start++) {
        const end = Math.min(start + maxOrder, reference.length);
        for (let i = start, slot = -1; i < end; i++) slot = add(slot, reference[i]!, which);
      }
    const matches = new Array<number>(maxOrder).fill(0);
    for (let start = 0; start < hypothesis.length; start++) {
      const end = Math.min(start + maxOrder, hypothesis.length);
      for (let i = start, slot = -1; i < end; i++) {
        slot = find(slot, hypothesis[i]!);
        if (slot < 0) break;
        if (table.used[slot]! < table.limits[slot]!) {
          table.used[slot]!++;
          matches[i - start]!++;
        }
      }
    }
    return matches;
  };
}

function createTable(size: number) {
  const column = () => new Int32Array(size);
  return {
    /** Call that a slot was last written in; slots of other calls are free. */
    stamps: column().fill(-1),
    prefixes: column(),
    tokens: column(),
    /** Reference that `counts` is about. */
    references: column(),
    counts: column(),
    /** Most often in one reference. */
    limits: column(),
    /** Occurrences in the hypothesis that were matched already. */
    used: column(),
  };
}
