import { Tensor } from 'onnxruntime-node';
import { Graph } from '../../magics/engine/graph.ts';
import { gemm } from '../../magics/engine/ops/matmul.ts';
import { createSession } from '../../magics/engine/session.ts';

/** Floating-point operations per second of a matrix product that this machine reaches at best. */
export async function matrixProductRate(): Promise<number> {
  const size = 1024;
  return (2 * size ** 3) / (await bestSeconds(size, size, size));
}

/** Products per second of one vector with `weights` numbers: the most tokens per second that decoding row by row can reach. */
export async function matrixVectorRate(weights: number): Promise<number> {
  const inputs = 1024;
  return 1 / (await bestSeconds(1, inputs, Math.round(weights / inputs)));
}

/** The fastest of several products [m, k] x [n, k]^T with a constant right side. */
async function bestSeconds(m: number, k: number, n: number): Promise<number> {
  const graph = new Graph();
  const weights = graph.initializer('weights', [n, k], new Float32Array(n * k).fill(0.5));
  const product = gemm(graph, graph.input('input', [m, k]), weights, { transposeB: true });
  graph.output('sum', graph.node('ReduceSum', [product], [], { attributes: { keepdims: { int: 0 } } }));
  const session = await createSession(graph.encode(), { device: 'cpu' });
  const input = new Tensor('float32', new Float32Array(m * k).fill(0.5), [m, k]);
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 20; run++) {
    const start = performance.now();
    await session.run({ input });
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  await session.release();
  return best;
}
