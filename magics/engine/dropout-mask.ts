import { dimensionFactors } from './dimensions.ts';
import type { Dimension } from './graph.ts';
import { elementCount } from './graph.ts';
import { randomStream } from './random.ts';
import type { Feeds } from './tensor.ts';
import type { DropoutMask } from './training-builder.ts';

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

/**
 * The masks of a graph for one batch. They depend on the seed, the number of steps before and the batch's place alone: a training
 * that was resumed sees the same ones.
 */
export function createDropoutFeeds(seed: number) {
  return (masks: readonly DropoutMask[], sizes: Record<string, number>, step: number, place: number): Feeds =>
    Object.fromEntries(
      masks.map(({ name, shape, keepProbability }) => {
        const dims = shape.map((size) => sizeOf(size, sizes));
        const data = dropoutMask(elementCount(dims), keepProbability, [seed, step, place, name]);
        return [name, { type: 'bool', data, dims }];
      }),
    );
}

function sizeOf(size: Dimension, sizes: Record<string, number>): number {
  const { factor, names } = dimensionFactors(size);
  return names.reduce((product, name) => product * sizes[name]!, factor);
}
