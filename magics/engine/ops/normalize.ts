import type { Graph, Value } from '../graph.ts';
import { multiply, subtract } from './arithmetic.ts';
import { meanOverLast, sumTo } from './reduce.ts';

/** RMSNorm over the last axis, x / sqrt(mean(x^2) + epsilon) * scale, as ONNX Runtime's fused operator. x [..., H], scale [H]. */
export function rmsNorm(graph: Graph, x: Value, scale: Value, epsilon: number): Value {
  const [y, inverse] = graph.nodeWithOutputs(
    'SimplifiedLayerNormalization',
    [x, scale],
    [
      { shape: x.shape, type: 'float32' },
      { shape: [...x.shape.slice(0, -1), 1], type: 'float32' },
    ],
    { attributes: { axis: { int: -1 }, epsilon: { float: epsilon }, stash_type: { int: 1 } } },
  ) as [Value, Value];
  return graph.record(y, [x, scale], (gradient) => {
    const normal = multiply(graph, x, inverse);
    return [
      () => {
        const scaled = multiply(graph, gradient, scale);
        const along = meanOverLast(graph, multiply(graph, scaled, normal));
        return multiply(graph, subtract(graph, scaled, multiply(graph, normal, along)), inverse);
      },
      () => sumTo(graph, multiply(graph, gradient, normal), scale),
    ];
  });
}
