import type { Graph, Value } from '../graph.ts';
import { sumTo } from './reduce.ts';
import { transpose } from './shape.ts';

interface GemmOptions {
  transposeA?: boolean;
  transposeB?: boolean;
  alpha?: number;
  /** Added to every row of the product. */
  bias?: Value;
}

/** alpha * op(a) op(b) + bias of two matrices, where op transposes if asked. */
export function gemm(
  graph: Graph,
  a: Value,
  b: Value,
  { transposeA = false, transposeB = false, alpha = 1, bias }: GemmOptions = {},
): Value {
  const inputs = bias === undefined ? [a, b] : [a, b, bias];
  const product = graph.node('Gemm', inputs, [a.shape[transposeA ? 1 : 0]!, b.shape[transposeB ? 0 : 1]!], {
    attributes: { transA: { int: Number(transposeA) }, transB: { int: Number(transposeB) }, alpha: { float: alpha } },
  });
  return graph.record(product, inputs, (gradient) => [
    () =>
      transposeA
        ? gemm(graph, b, gradient, { transposeA: transposeB, transposeB: true, alpha })
        : gemm(graph, gradient, b, { transposeB: !transposeB, alpha }),
    () =>
      transposeB
        ? gemm(graph, gradient, a, { transposeA: true, transposeB: transposeA, alpha })
        : gemm(graph, a, gradient, { transposeA: !transposeA, alpha }),
    () => sumTo(graph, gradient, bias!),
  ]);
}

/** Matrix product over the last two axes; the axes before them must be equal. */
export function matmul(graph: Graph, a: Value, b: Value): Value {
  const product = graph.node('MatMul', [a, b], [...a.shape.slice(0, -1), b.shape.at(-1)!]);
  return graph.record(product, [a, b], (gradient) => [
    () => matmul(graph, gradient, transposeLast(graph, b)),
    () => matmul(graph, transposeLast(graph, a), gradient),
  ]);
}

/** Swaps the last two axes. */
export function transposeLast(graph: Graph, a: Value): Value {
  const axes = a.shape.map((_, i) => i);
  const rank = axes.length;
  return transpose(graph, a, [...axes.slice(0, -2), rank - 1, rank - 2]);
}
