import { describe, expect, it } from 'vitest';
import { quantizeMatrix, restoreMatrix } from '../../../../magics/engine/decode/quantize.ts';
import { rotateMatrices } from '../../../../magics/engine/decode/rotated-matrix.ts';
import { rotatedProduct } from '../../../../magics/engine/decode/rotated-product.ts';
import { Graph } from '../../../../magics/engine/graph.ts';
import { randomStream } from '../../../../magics/engine/random.ts';
import { createSession } from '../../../../magics/engine/session.ts';
import { relativeError } from '../relative-error.ts';

const [rows, input, output] = [20, 128, 48];
const name = 'model.layers.0.mlp.down_proj';
const options = { device: 'cpu', threads: 1 } as const;
const random = randomStream('rotated');
const uniform = (count: number) => Float32Array.from({ length: count }, () => random.uniform() * 2 - 1);
const matrix = quantizeMatrix(uniform(output * input), output, input, 4, 64);

/** x [n, input] times the matrix by `rotatedProduct`: [n, output]. */
async function multiply(x: Float32Array): Promise<Float32Array> {
  const rotated = await rotateMatrices(new Map([[name, matrix]]), options);
  const graph = new Graph();
  graph.output('y', rotatedProduct(graph, graph.input('x', ['n', input]), name, rotated.get(name)!));
  const session = await createSession(graph.encode(), options);
  const { y } = await session.run({ x: { type: 'float32', dims: [x.length / input, input], data: x } });
  await session.release();
  return y!.data as Float32Array;
}

function exactProduct(x: Float32Array): Float32Array {
  const weights = restoreMatrix(matrix);
  return Float32Array.from({ length: (x.length / input) * output }, (_, at) => {
    const [row, column] = [Math.floor(at / output), at % output];
    let sum = 0;
    for (let i = 0; i < input; i++) sum += x[row * input + i]! * weights[column * input + i]!;
    return sum;
  });
}

describe('a rotated matrix', () => {
  it('multiplies like the matrix itself, within the rounding to 8 bits', async () => {
    const x = uniform(rows * input);
    expect(relativeError(await multiply(x), exactProduct(x))).toBeLessThan(0.015);
  });

  it('keeps its precision beside numbers that are fifty times as large as the others', async () => {
    const x = uniform(rows * input);
    for (let row = 0; row < rows; row++) x[row * input + 7] = 50;
    const [spiked, exact] = [await multiply(x), exactProduct(x)];
    // The large number's share is known; what matters is what is left of the others.
    const withoutSpike = x.map((number, i) => (i % input === 7 ? 0 : number));
    const share = exactProduct(x.map((number, i) => (i % input === 7 ? number : 0)));
    const others = spiked.map((number, i) => number - share[i]!);
    expect(relativeError(others, exactProduct(withoutSpike))).toBeLessThan(0.1);
    expect(relativeError(spiked, exact)).toBeLessThan(0.015);
  });

  it('treats rows of any size by themselves, rows of zeros too', async () => {
    const x = uniform(3 * input);
    const [alone] = [await multiply(x.slice(0, input))];
    const beside = x.map((number, i) => (i < input ? number : i < 2 * input ? 0 : number * 1e4));
    const all = await multiply(beside);
    expect([...all.subarray(0, output)]).toEqual([...alone]);
    expect([...all.subarray(output, 2 * output)]).toEqual(Array.from({ length: output }, () => 0));
  });

  it('is made of matrices whose input fits the rotation, and of no others', async () => {
    const narrow = quantizeMatrix(uniform(output * 96), output, 96, 4, 64);
    const made = await rotateMatrices(
      new Map([
        [name, matrix],
        ['model.layers.1.mlp.down_proj', narrow],
      ]),
      options,
    );
    expect([...made.keys()]).toEqual([name]);
  });
});
