import { createRandom } from '../random.ts';
import type { Bands } from './bands.ts';

/**
 * Keys of the bands of a set's MinHash signature: two sets have the same key of a band when the lowest hashes of the band
 * agree (and else with probability 2^-32). The list is valid until the next call.
 * Source: Broder (1997), On the resemblance and containment of documents.
 */
export function createBandKeys({ count, hashesEach }: Bands): (set: Uint32Array) => Uint32Array {
  const { multipliers, masks } = hashFunctions(count * hashesEach);
  const keys = new Uint32Array(count);
  return (set) => {
    for (let band = 0, h = 0; band < count; band++) {
      let key = 0x9e3779b9 ^ band;
      for (let i = 0; i < hashesEach; i++, h++) {
        key = Math.imul(key ^ lowest(set, multipliers[h]!, masks[h]!), 0x85ebca6b);
        key ^= key >>> 15;
      }
      keys[band] = key;
    }
    return keys;
  };
}

/** The lowest hash of the set under one function: multiplication by an odd number permutes the 32-bit numbers. */
function lowest(set: Uint32Array, multiplier: number, mask: number): number {
  let low = 0x7fffffff;
  for (let i = 0; i < set.length; i++) {
    const hash = Math.imul(set[i]! ^ mask, multiplier);
    if (hash < low) low = hash;
  }
  return low;
}

function hashFunctions(count: number): { multipliers: Int32Array; masks: Int32Array } {
  const random = createRandom(1);
  const integers = () => Int32Array.from({ length: count }, () => Math.floor(random() * 2 ** 32) | 0);
  return { multipliers: integers().map((n) => n | 1), masks: integers() };
}
