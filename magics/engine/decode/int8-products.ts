import { Graph } from '../graph.ts';
import { createSession } from '../session.ts';
import type { HostTensor } from '../tensor.ts';

let isExact: Promise<boolean> | undefined;

/**
 * Whether products of uint8 and int8 matrices are right here: x86 processors without VNNI instructions add pairs of
 * products in 16 bits, and cut off what does not fit. Found out once per process, by multiplying the largest numbers.
 */
export function hasExactInt8Products(): Promise<boolean> {
  isExact ??= tryLargest();
  return isExact;
}

const [rows, depth, columns] = [4, 64, 16];

async function tryLargest(): Promise<boolean> {
  const graph = new Graph();
  const left = graph.input('left', [rows, depth], 'uint8');
  const right = graph.initializer('right', [depth, columns], new Int8Array(depth * columns).fill(127), 'int8');
  graph.output('product', graph.node('MatMulInteger', [left, right], [rows, columns], { type: 'int32' }));
  const session = await createSession(graph.encode(), { device: 'cpu', threads: 1 });
  const largest: HostTensor = { type: 'uint8', dims: [rows, depth], data: new Uint8Array(rows * depth).fill(255) };
  const { product } = await session.run({ left: largest });
  await session.release();
  return (product!.data as Int32Array).every((sum) => sum === depth * 255 * 127);
}
