import type { Graph, Value } from '../graph.ts';
import { add, divide, multiply, squareRoot, subtract } from './arithmetic.ts';
import { meanOverLast, meanSquareOverLast, sumTo } from './reduce.ts';

/** RMSNorm over the last axis, x / sqrt(mean(x^2) + epsilon) * scale, as ONNX Runtime's fused operator. x [..., H], scale [H]. */
export function rmsNorm(graph: Graph, x: Value, scale: Value, epsilon: number): Value {
  const y = graph.node('SimplifiedLayerNormalization', [x, scale], x.shape, {
    attributes: { axis: { int: -1 }, epsilon: { float: epsilon }, stash_type: { int: 1 } },
  });
  return graph.record(y, [x, scale], (gradient) => {
    // The operator offers the root as a second output, but on WebGPU that holds nothing.
    const root = squareRoot(graph, add(graph, meanSquareOverLast(graph, x), graph.scalar(epsilon)));
    const normal = divide(graph, x, root);
    return [
      () => {
        const scaled = multiply(graph, gradient, scale);
        const along = meanOverLast(graph, multiply(graph, scaled, normal));
        return divide(graph, subtract(graph, scaled, multiply(graph, normal, along)), root);
      },
      () => sumTo(graph, multiply(graph, gradient, normal), scale),
    ];
  });
}
