import { expect, it } from 'vitest';
import { hasExactInt8Products } from '../../../../magics/engine/decode/int8-products.ts';
import { Graph } from '../../../../magics/engine/graph.ts';
import { randomStream } from '../../../../magics/engine/random.ts';
import { createSession } from '../../../../magics/engine/session.ts';

it('products of extreme numbers are found to be exact where they are', async () => {
  const [rows, depth, columns] = [7, 96, 33];
  const random = randomStream('extremes');
  const left = Uint8Array.from({ length: rows * depth }, () => (random.uniform() < 0.1 ? 0 : 255));
  const right = Int8Array.from({ length: depth * columns }, () => (random.uniform() < 0.1 ? -128 : 127));
  const graph = new Graph();
  const factors = [
    graph.input('left', [rows, depth], 'uint8'),
    graph.initializer('right', [depth, columns], right, 'int8'),
  ];
  graph.output('product', graph.node('MatMulInteger', factors, [rows, columns], { type: 'int32' }));
  const session = await createSession(graph.encode(), { device: 'cpu', threads: 2 });
  const { product } = await session.run({ left: { type: 'uint8', dims: [rows, depth], data: left } });
  await session.release();
  const expected = Array.from({ length: rows * columns }, (_, at) => {
    let sum = 0;
    for (let i = 0; i < depth; i++)
      sum += left[Math.floor(at / columns) * depth + i]! * right[i * columns + (at % columns)]!;
    return sum;
  });
  const isExact = expected.every((sum, at) => sum === (product!.data as Int32Array)[at]);
  expect(await hasExactInt8Products()).toBe(isExact);
});
