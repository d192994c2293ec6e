import type { StepScalars } from './adamw.ts';
import { allocateArrays, type StateArrays, type StateBlock } from './flat-state.ts';
import type { OptimizerOptions } from './types.ts';
import { encodeWasm, f32x4, f64, f64x2, i32, local, repeatWhile } from './wasm.ts';

/** AdamW on the elements `from` to `to` of a block of the state, both multiples of 4. */
export interface AdamWKernel {
  /** Sum of the gradients' squares, added up in double precision. */
  squares(from: number, to: number): number;
  /** Replaces values and moments. */
  update(from: number, to: number, scalars: StepScalars): void;
}

/**
 * One pass in WebAssembly, four numbers at a time. The memory sets its pace: one thread takes as long as several.
 * A block outside WebAssembly's memory is carried there piece by piece.
 */
export function createAdamWKernel(block: StateBlock, options: OptimizerOptions): AdamWKernel {
  return block.memory === undefined ? throughScratch(block, options) : inMemory(block.memory, block, options);
}

/** From `from` to `to` in steps of at most `size`. */
export function* cut(from: number, to: number, size: number): Generator<[start: number, end: number]> {
  for (let start = from; start < to; start += size) yield [start, Math.min(to, start + size)];
}

interface Exports {
  squares(gradients: number, end: number): number;
  update(values: number, gradients: number, means: number, variances: number, end: number, ...scalars: number[]): void;
}

let compiled: WebAssembly.Module | undefined;

function inMemory(memory: WebAssembly.Memory, arrays: StateArrays, { beta1, beta2 }: OptimizerOptions): AdamWKernel {
  compiled ??= new WebAssembly.Module(buildModule());
  const { exports } = new WebAssembly.Instance(compiled, { state: { memory } });
  const { squares, update } = exports as unknown as Exports;
  const { values, gradients, means, variances } = arrays;
  const address = (array: Float32Array, element: number) => array.byteOffset + element * Float32Array.BYTES_PER_ELEMENT;
  return {
    squares: (from, to) => squares(address(gradients, from), address(gradients, to)),
    update(from, to, { mean_share, variance_share, step_size, floor, keep }) {
      const moments = [address(means, from), address(variances, from)] as const;
      const scalars = [beta1, mean_share, beta2, variance_share, step_size, floor, keep];
      update(address(values, from), address(gradients, from), ...moments, address(values, to), ...scalars);
    },
  };
}

/** Four arrays of so many numbers stay in a core's own cache. */
const scratchElements = 1 << 14;

function throughScratch(block: StateArrays, options: OptimizerOptions): AdamWKernel {
  const { memory, ...scratch } = allocateArrays(scratchElements);
  const kernel = inMemory(memory!, scratch, options);
  const load = (name: keyof StateArrays, from: number, to: number) => scratch[name].set(block[name].subarray(from, to));
  const store = (name: keyof StateArrays, from: number, to: number) =>
    block[name].set(scratch[name].subarray(0, to - from), from);
  return {
    squares(from, to) {
      let sum = 0;
      for (const [start, end] of cut(from, to, scratchElements)) {
        load('gradients', start, end);
        sum += kernel.squares(0, end - start);
      }
      return sum;
    },
    update(from, to, scalars) {
      for (const [start, end] of cut(from, to, scratchElements)) {
        for (const name of ['values', 'gradients', 'means', 'variances'] as const) load(name, start, end);
        kernel.update(0, end - start, scalars);
        for (const name of ['values', 'means', 'variances'] as const) store(name, start, end);
      }
    },
  };
}

/** Parameters are addresses in bytes, `end` that of the first array, and scalars. */
function buildModule(): Uint8Array<ArrayBuffer> {
  return encodeWasm([squaresFunction(), updateFunction()]);
}

function squaresFunction() {
  const [gradients, end, square, lower, upper] = [0, 1, 2, 3, 4] as const;
  const { get, set } = local;
  const loaded = f32x4.load(get(gradients));
  const sums = f64x2.add(get(lower), get(upper));
  return {
    name: 'squares',
    parameters: ['i32', 'i32'],
    result: 'f64',
    locals: ['v128', 'v128', 'v128'],
    body: [
      ...repeatWhile(i32.isLessUnsigned(get(gradients), get(end)), [
        set(square, f32x4.multiply(loaded, loaded)),
        set(lower, f64x2.add(get(lower), f64x2.fromFirstHalf(get(square)))),
        set(upper, f64x2.add(get(upper), f64x2.fromFirstHalf(f32x4.upperHalf(get(square))))),
        next(gradients),
      ]),
      ...f64.add(f64x2.lane(sums, 0), f64x2.lane(sums, 1)),
    ],
  } as const;
}

/** As `updateOf` in adamw.ts, operation by operation. */
function updateFunction() {
  const [values, gradients, means, variances, end] = [0, 1, 2, 3, 4] as const;
  const [beta1, meanShare, beta2, varianceShare, stepSize, floor, keep] = [5, 6, 7, 8, 9, 10, 11] as const;
  const [gradient, mean, variance] = [12, 13, 14] as const;
  const { add, subtract, multiply, divide, squareRoot, load, store } = f32x4;
  const { get, set } = local;
  const all = (scalar: number) => f32x4.splat(get(scalar));
  const square = multiply(get(gradient), get(gradient));
  const change = divide(multiply(get(mean), all(stepSize)), add(squareRoot(get(variance)), all(floor)));
  return {
    name: 'update',
    parameters: [...Array<'i32'>(5).fill('i32'), ...Array<'f32'>(7).fill('f32')],
    locals: ['v128', 'v128', 'v128'],
    body: repeatWhile(i32.isLessUnsigned(get(values), get(end)), [
      set(gradient, load(get(gradients))),
      set(mean, add(multiply(load(get(means)), all(beta1)), multiply(get(gradient), all(meanShare)))),
      set(variance, add(multiply(load(get(variances)), all(beta2)), multiply(square, all(varianceShare)))),
      store(get(means), get(mean)),
      store(get(variances), get(variance)),
      store(get(values), subtract(multiply(load(get(values)), all(keep)), change)),
      ...[values, gradients, means, variances].map(next),
    ]),
  } as const;
}

/** The address of the next four numbers. */
function next(pointer: number) {
  return local.set(pointer, i32.add(local.get(pointer), i32.constant(16)));
}
