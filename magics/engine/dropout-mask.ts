import { randomStream } from './random.ts';

/** A mask of 0s and 1s, 1 with `keepProbability` (to 1/65536); it depends only on the key. */
export function dropoutMask(elements: number, keepProbability: number, key: readonly (number | string)[]): Uint8Array {
  const random = randomStream(...key);
  const threshold = Math.round(keepProbability * 0x10000);
  const mask = new Uint8Array(elements);
  for (let i = 0; i < elements; i += 2) {
    const bits = random.integer();
    mask[i] = Number((bits & 0xffff) < threshold);
    mask[i + 1] = Number(bits >>> 16 < threshold);
  }
  return mask;
}
