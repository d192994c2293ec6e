import { createGrowingArray } from './growing-array.ts';

/** Entries that share a key of a band, as chains through typed arrays: 8 bytes for each entry of each band. */
export interface Buckets {
  /** Calls back with each entry that has one of the keys at its band, once or more. */
  visit(keys: Uint32Array, see: (entry: number) => void): void;
  /** Adds the next entry (0, 1, 2 ...) under its keys. */
  add(keys: Uint32Array): void;
}

/** Entries per chain, on average, at which the table grows. */
const maxLoad = 2;

export function createBuckets(): Buckets {
  const keyOf = createGrowingArray();
  let heads = new Int32Array(1 << 16).fill(-1);
  let next = new Int32Array(1 << 16);

  function link(slot: number): void {
    const at = keyOf.buffer[slot]! & (heads.length - 1);
    next[slot] = heads[at]!;
    heads[at] = slot;
  }

  function grow(): void {
    heads = new Int32Array(heads.length * 4).fill(-1);
    for (let slot = 0; slot < keyOf.length; slot++) link(slot);
  }

  return {
    visit(keys, see) {
      const known = keyOf.buffer;
      for (let band = 0; band < keys.length; band++) {
        const key = keys[band]!;
        for (let slot = heads[key & (heads.length - 1)]!; slot >= 0; slot = next[slot]!) {
          if (known[slot] === key && slot % keys.length === band) see((slot - band) / keys.length);
        }
      }
    },
    add(keys) {
      const first = keyOf.length;
      keyOf.push(keys);
      if (keyOf.length > next.length) {
        const larger = new Int32Array(Math.max(2 * next.length, keyOf.length));
        larger.set(next);
        next = larger;
      }
      for (let slot = first; slot < keyOf.length; slot++) link(slot);
      if (keyOf.length > maxLoad * heads.length) grow();
    },
  };
}
