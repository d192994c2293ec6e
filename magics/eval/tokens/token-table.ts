/** Tokens as integers: the same text always has the same id, so that metrics compare and hash integers, not strings. */
export interface TokenTable {
  /** Id of `text.slice(start, end)`. */
  id(text: string, start?: number, end?: number): number;
  /** Distinct tokens so far; ids are 0 .. size - 1. */
  readonly size: number;
}

/**
 * A table that hashes tokens in place, without making strings of them. A hit compares every UTF-16 unit, so that ids
 * never collide.
 */
export function createTokenTable(): TokenTable {
  let slots = new Int32Array(1 << 12).fill(-1);
  let hashes = new Int32Array(1 << 11);
  /** Token `i` lies in `units` from `ends[i - 1]` to `ends[i]`. */
  let ends = new Int32Array(1 << 11);
  let units = new Uint16Array(1 << 14);
  let size = 0;

  function id(text: string, start = 0, end = text.length): number {
    const hash = hashOf(text, start, end);
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let known = slots[slot]!; known >= 0; known = slots[slot]!) {
      if (hashes[known] === hash && isToken(known, text, start, end)) return known;
      slot = (slot + 1) & mask;
    }
    slots[slot] = size;
    return add(text, start, end, hash);
  }

  function isToken(known: number, text: string, start: number, end: number): boolean {
    const from = known === 0 ? 0 : ends[known - 1]!;
    if (ends[known]! - from !== end - start) return false;
    for (let i = start; i < end; i++) if (units[from + i - start] !== text.charCodeAt(i)) return false;
    return true;
  }

  function add(text: string, start: number, end: number, hash: number): number {
    const from = size === 0 ? 0 : ends[size - 1]!;
    const to = from + end - start;
    while (to > units.length) units = grown(units, new Uint16Array(units.length * 2));
    for (let i = start; i < end; i++) units[from + i - start] = text.charCodeAt(i);
    if (size === ends.length) {
      ends = grown(ends, new Int32Array(size * 2));
      hashes = grown(hashes, new Int32Array(size * 2));
    }
    ends[size] = to;
    hashes[size] = hash;
    size += 1;
    if (size * 2 > slots.length) rehash();
    return size - 1;
  }

  function rehash(): void {
    slots = new Int32Array(slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let token = 0; token < size; token++) {
      let slot = hashes[token]! & mask;
      while (slots[slot]! >= 0) slot = (slot + 1) & mask;
      slots[slot] = token;
    }
  }

  return {
    id,
    get size() {
      return size;
    },
  };
}

/** FNV-1a over UTF-16 units, its high bits mixed into the low ones. */
function hashOf(text: string, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 15);
}

function grown<A extends Int32Array | Uint16Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
