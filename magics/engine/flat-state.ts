import { isDecayed, momentNames } from './adamw.ts';
import { elementCount } from './graph.ts';
import type { Tensor } from './safetensors.ts';

/** What training changes, parameters side by side, so that an optimizer step can walk through it. */
export interface FlatState {
  readonly blocks: readonly StateBlock[];
  /** Each parameter's own part of the arrays of a kind, or of others that are laid out alike, one for each block. */
  views(arrays: keyof StateArrays | readonly Float32Array[]): Map<string, Tensor>;
  /** Parameters and moments under the names they have in checkpoints; the memory is shared. */
  all(): Map<string, Tensor>;
}

/** Parameters, their gradients, and Adam's means of the gradient and of its square. */
export interface StateArrays {
  readonly values: Float32Array;
  readonly gradients: Float32Array;
  readonly means: Float32Array;
  readonly variances: Float32Array;
}

/** Some parameters, all numbers of a kind in one piece. */
export interface StateBlock extends StateArrays {
  /** WebAssembly's memory that the arrays lie in; absent where they do not fit into one. */
  readonly memory?: WebAssembly.Memory;
  /** Where matrices lie, to which weight decay applies, and everything else. */
  readonly ranges: readonly { start: number; end: number; isDecayed: boolean }[];
}

/** Parameters start at multiples of 16 numbers, 64 bytes. */
const alignment = 16;
const arrayNames = ['values', 'gradients', 'means', 'variances'] as const;
const pageBytes = 2 ** 16;
/** WebAssembly's addresses have 32 bits; the last page stays out, so that an end is an address too. */
const mostElements = (2 ** 32 - pageBytes) / (arrayNames.length * Float32Array.BYTES_PER_ELEMENT);

/**
 * Memory for parameters of these shapes; everything is zero. As many as fit lie in one block of at most `blockElements`;
 * a parameter that is larger has a block to itself.
 */
export function createFlatState(
  shapes: ReadonlyMap<string, readonly number[]>,
  blockElements = mostElements,
): FlatState {
  const places = new Map<string, { block: number; offset: number }>();
  const blocks = partition(shapes, blockElements).map((names, block): StateBlock => {
    const { ranges, offsets, end } = layOut(names, shapes);
    for (const [name, offset] of offsets) places.set(name, { block, offset });
    return { ...allocateArrays(end, blockElements), ranges };
  });
  const views: FlatState['views'] = (arrays) => {
    const chosen = typeof arrays === 'string' ? blocks.map((block) => block[arrays]) : arrays;
    return new Map(
      [...shapes].map(([name, shape]) => {
        const { block, offset } = places.get(name)!;
        return [name, { shape, data: chosen[block]!.subarray(offset, offset + elementCount(shape)) }];
      }),
    );
  };
  const renamed = (array: keyof StateArrays, rename: (name: string) => string) =>
    [...views(array)].map(([name, tensor]) => [rename(name), tensor] as const);
  return {
    blocks,
    views,
    all: () =>
      new Map([
        ...views('values'),
        ...renamed('means', (name) => momentNames(name).mean),
        ...renamed('variances', (name) => momentNames(name).variance),
      ]),
  };
}

/** Arrays of zeros in a memory of WebAssembly's if they fit into one, else each by itself. */
export function allocateArrays(
  elements: number,
  mostInMemory = mostElements,
): StateArrays & { memory?: WebAssembly.Memory } {
  const memory = elements > mostInMemory ? undefined : allocateMemory(elements);
  const arrays = arrayNames.map((name, i) => [
    name,
    memory === undefined
      ? new Float32Array(elements)
      : new Float32Array(memory.buffer, i * elements * Float32Array.BYTES_PER_ELEMENT, elements),
  ]);
  return { ...(Object.fromEntries(arrays) as StateArrays), memory };
}

/** Undefined where the system refuses the address space. */
function allocateMemory(elements: number): WebAssembly.Memory | undefined {
  const pages = Math.ceil((elements * arrayNames.length * Float32Array.BYTES_PER_ELEMENT) / pageBytes);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Names in their order, cut wherever another parameter would not fit any more. */
function partition(shapes: ReadonlyMap<string, readonly number[]>, blockElements: number): string[][] {
  const parts: string[][] = [];
  let free = 0;
  for (const [name, shape] of shapes) {
    const size = alignedCount(shape);
    if (parts.length === 0 || size > free) {
      parts.push([]);
      free = blockElements;
    }
    parts.at(-1)!.push(name);
    free -= size;
  }
  return parts;
}

function layOut(names: readonly string[], shapes: ReadonlyMap<string, readonly number[]>) {
  const offsets = new Map<string, number>();
  let end = 0;
  const place = (isMatrix: boolean) => {
    const start = end;
    for (const name of names) {
      const shape = shapes.get(name)!;
      if (isDecayed(shape) !== isMatrix) continue;
      offsets.set(name, end);
      end += alignedCount(shape);
    }
    return { start, end, isDecayed: isMatrix };
  };
  const ranges = [place(true), place(false)];
  return { ranges, offsets, end };
}

function alignedCount(shape: readonly number[]): number {
  return Math.ceil(elementCount(shape) / alignment) * alignment;
}
