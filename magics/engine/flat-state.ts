import { isDecayed, momentNames } from './adamw.ts';
import { elementCount } from './graph.ts';
import type { Tensor } from './safetensors.ts';

/** What training changes, all parameters in one piece of memory each, so that an optimizer step can walk through it. */
export interface FlatState {
  readonly values: Float32Array;
  readonly gradients: Float32Array;
  readonly means: Float32Array;
  readonly variances: Float32Array;
  /** Where matrices lie, to which weight decay applies, and everything else. */
  readonly ranges: readonly { start: number; end: number; isDecayed: boolean }[];
  /** Each parameter's own part of an array. */
  views(array: Float32Array): Map<string, Tensor>;
  /** Parameters and moments under the names they have in checkpoints; the memory is shared. */
  all(): Map<string, Tensor>;
}

/** Parameters start at multiples of 16 numbers, 64 bytes. */
const alignment = 16;

/** Memory for parameters of these shapes; everything is zero. */
export function createFlatState(shapes: ReadonlyMap<string, readonly number[]>): FlatState {
  const offsets = new Map<string, number>();
  let end = 0;
  const place = (isMatrix: boolean) => {
    const start = end;
    for (const [name, shape] of shapes) {
      if (isDecayed(shape) !== isMatrix) continue;
      offsets.set(name, end);
      end += Math.ceil(elementCount(shape) / alignment) * alignment;
    }
    return { start, end, isDecayed: isMatrix };
  };
  const ranges = [place(true), place(false)];
  const [values, gradients, means, variances] = Array.from({ length: 4 }, () => new Float32Array(end)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const views = (array: Float32Array) =>
    new Map(
      [...shapes].map(([name, shape]) => {
        const offset = offsets.get(name)!;
        return [name, { shape, data: array.subarray(offset, offset + elementCount(shape)) }];
      }),
    );
  const renamed = (array: Float32Array, rename: (name: string) => string) =>
    [...views(array)].map(([name, tensor]) => [rename(name), tensor] as const);
  return {
    values,
    gradients,
    means,
    variances,
    ranges,
    views,
    all: () =>
      new Map([
        ...views(values),
        ...renamed(means, (name) => momentNames(name).mean),
        ...renamed(variances, (name) => momentNames(name).variance),
      ]),
  };
}
