import { describe, expect, it } from 'vitest';
import type { Graph, Value } from '../../../../magics/engine/graph.ts';
import { dropout, gelu, silu, softCap, softmax, tanh } from '../../../../magics/engine/ops/activation.ts';
import { add, divide, multiply, negate, squareRoot, subtract } from '../../../../magics/engine/ops/arithmetic.ts';
import { attend, attendInBlocks, causalBlocks, maskOfBlock } from '../../../../magics/engine/ops/attention.ts';
import { embedding } from '../../../../magics/engine/ops/embedding.ts';
import { weightedCrossEntropy } from '../../../../magics/engine/ops/loss.ts';
import { gemm, matmul } from '../../../../magics/engine/ops/matmul.ts';
import { layerNorm, rmsNorm } from '../../../../magics/engine/ops/normalize.ts';
import { rotary } from '../../../../magics/engine/ops/rotary.ts';
import { reshape, splitLast, transpose } from '../../../../magics/engine/ops/shape.ts';
import { type BuildOutput, devicesHere, gradientError } from '../finite-differences.ts';

type Binary = (graph: Graph, a: Value, b: Value) => Value;
const tolerance = 2e-3;

describe.each(await devicesHere())('gradients against central finite differences on %s', (device) => {
  const errorOf = (shapes: number[][], build: BuildOutput, inputs?: Float32Array[]): Promise<number> =>
    gradientError(shapes, build, { inputs, device });

  it.each<[string, Binary]>([
    ['add', add],
    ['subtract', subtract],
    ['multiply', multiply],
  ])('%s, also where it broadcasts', async (_, operator) => {
    const shapes = [[2, 3], [2, 3], [3], [2, 1], []];
    const error = await errorOf(shapes, (graph, [a, b, row, column, scalar]) => {
      const wide = operator(graph, operator(graph, a!, b!), row!);
      return operator(graph, scalar!, operator(graph, column!, wide));
    });
    expect(error).toBeLessThan(tolerance);
  });

  it('divide, with a broadcast divisor', async () => {
    const inputs = [Float32Array.of(1, -2, 3, -4), Float32Array.of(1.5, -2)];
    const error = await errorOf([[2, 2], [2]], (graph, [a, b]) => divide(graph, a!, b!), inputs);
    expect(error).toBeLessThan(tolerance);
  });

  it('negate and square root', async () => {
    const inputs = [Float32Array.of(-1, -2, -3)];
    const error = await errorOf([[3]], (graph, [a]) => squareRoot(graph, negate(graph, a!)), inputs);
    expect(error).toBeLessThan(tolerance);
  });

  it('a value that is used twice gets the sum of both gradients', async () => {
    const error = await errorOf([[4]], (graph, [a]) => multiply(graph, a!, silu(graph, a!)));
    expect(error).toBeLessThan(tolerance);
  });

  it('SiLU and softmax', async () => {
    expect(await errorOf([[2, 5]], (graph, [x]) => silu(graph, x!))).toBeLessThan(tolerance);
    expect(await errorOf([[2, 5]], (graph, [x]) => softmax(graph, x!))).toBeLessThan(tolerance);
  });

  it('GELU, tanh and soft-capping', async () => {
    expect(await errorOf([[2, 5]], (graph, [x]) => gelu(graph, x!))).toBeLessThan(tolerance);
    expect(await errorOf([[2, 5]], (graph, [x]) => tanh(graph, x!))).toBeLessThan(tolerance);
    expect(await errorOf([[2, 5]], (graph, [x]) => softCap(graph, x!, 1.5))).toBeLessThan(tolerance);
  });

  it.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('gemm with transposeA %s and transposeB %s', async (transposeA, transposeB) => {
    const shapes = [transposeA ? [4, 3] : [3, 4], transposeB ? [2, 4] : [4, 2]];
    const options = { transposeA, transposeB, alpha: 0.5 };
    expect(await errorOf(shapes, (graph, [a, b]) => gemm(graph, a!, b!, options))).toBeLessThan(tolerance);
  });

  it('gemm with a bias on every row', async () => {
    const shapes = [[3, 4], [4, 2], [2]];
    expect(await errorOf(shapes, (graph, [a, b, bias]) => gemm(graph, a!, b!, { bias }))).toBeLessThan(tolerance);
  });

  it('batched matmul, reshape and transpose', async () => {
    const error = await errorOf(
      [
        [2, 3, 4],
        [2, 20],
      ],
      (graph, [a, b]) => transpose(graph, matmul(graph, a!, reshape(graph, b!, [2, 4, -1])), [2, 0, 1]),
    );
    expect(error).toBeLessThan(tolerance);
  });

  it('RMSNorm, for its input and its scale', async () => {
    const error = await errorOf([[3, 6], [6]], (graph, [x, scale]) => rmsNorm(graph, x!, scale!, 1e-5));
    expect(error).toBeLessThan(tolerance);
  });

  it('LayerNorm, for its input, its scale and its bias', async () => {
    const error = await errorOf([[3, 6], [6], [6]], (graph, [x, scale, bias]) =>
      layerNorm(graph, x!, scale!, bias!, 1e-5),
    );
    expect(error).toBeLessThan(tolerance);
  });

  it('parts of the last axis, each used in its own way', async () => {
    const error = await errorOf([[2, 6]], (graph, [x]) => {
      const [a, b, c] = splitLast(graph, x!, 3);
      return add(graph, multiply(graph, a!, b!), tanh(graph, c!));
    });
    expect(error).toBeLessThan(tolerance);
  });

  it('rotary positions', async () => {
    const error = await errorOf([[2, 1, 3, 4]], (graph, [x]) => {
      const angles = [0, 0, 1, 0.1, 2, 0.2];
      const table = (name: string, f: (angle: number) => number) =>
        graph.initializer(name, [3, 2], Float32Array.from(angles, f));
      const positions = graph.initializer('positions', [2, 3], BigInt64Array.of(0n, 1n, 2n, 0n, 1n, 2n), 'int64');
      const cosines = table('cosines', Math.cos);
      const sines = table('sines', Math.sin);
      return rotary(graph, x!, positions, {
        cosines,
        sines,
        negatedSines: table('negated', (angle) => -Math.sin(angle)),
      });
    });
    expect(error).toBeLessThan(tolerance);
  });

  it.each([
    ['as a whole', undefined],
    ['in three blocks', { size: 2, count: 3, recomputes: false }],
    ['in three blocks whose shares are computed again', { size: 2, count: 3, recomputes: true }],
    ['in blocks of which the last ones are empty', { size: 3, count: 4, recomputes: true }],
  ])('attention of grouped queries, its scores soft-capped, %s', async (_, blocks) => {
    const [heads, keyValueHeads, T, size] = [4, 2, 5, 3];
    const shapes = [
      [2, heads, T, size],
      [2, keyValueHeads, T, size],
      [2, keyValueHeads, T, size],
    ];
    const error = await errorOf(shapes, (graph, inputs) => {
      const hidden = (i: number) => i % T > Math.floor(i / T);
      const mask = graph.initializer(
        'causal',
        [1, 1, 1, T, T],
        Float32Array.from({ length: T * T }, (_, i) => (hidden(i) ? -1e9 : 0)),
      );
      const options = { scale: 0.5, softCap: 2 };
      if (blocks === undefined) return attend(graph, inputs, mask, options);
      const parts = causalBlocks(graph, T, blocks.size, blocks.count);
      const masks = parts.map((part) => maskOfBlock(graph, mask, part));
      return attendInBlocks(graph, inputs, parts, masks, { ...options, recomputes: blocks.recomputes });
    });
    expect(error).toBeLessThan(tolerance);
  });

  it('embedding, with a token that occurs twice', async () => {
    const error = await errorOf([[5, 3]], (graph, [table]) => {
      const ids = graph.initializer('ids', [2, 2], BigInt64Array.of(1n, 4n, 4n, 0n), 'int64');
      return embedding(graph, table!, ids);
    });
    expect(error).toBeLessThan(tolerance);
  });

  it('dropout under a fixed mask', async () => {
    const error = await errorOf([[2, 3]], (graph, [x]) => {
      const mask = graph.initializer('mask', [2, 3], Uint8Array.of(1, 0, 1, 1, 0, 0), 'bool');
      return dropout(graph, x!, mask, 0.8);
    });
    expect(error).toBeLessThan(tolerance);
  });

  it.each([0, 0.1])(
    'weighted cross-entropy with smoothing %s, where some positions weigh nothing',
    async (smoothing) => {
      const error = await errorOf([[4, 6]], (graph, [logits]) => {
        const labels = graph.initializer('labels', [4], BigInt64Array.of(2n, 0n, 5n, 1n), 'int64');
        const weights = graph.initializer('weights', [4, 1], Float32Array.of(0.5, 0, 0.4, 0.1));
        return weightedCrossEntropy(graph, logits!, labels, weights, smoothing);
      });
      expect(error).toBeLessThan(tolerance);
    },
  );
});
