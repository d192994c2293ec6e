import type { Graph, Value } from '../graph.ts';
import { add, divide, multiply, squareRoot, subtract } from './arithmetic.ts';
import { meanOverLast, meanSquareOverLast, sumTo } from './reduce.ts';

/** RMSNorm over the last axis, x / sqrt(mean(x^2) + epsilon) * scale, as ONNX Runtime's fused operator. x [..., H], scale [H]. */
export function rmsNorm(graph: Graph, x: Value, scale: Value, epsilon: number): Value {
  const y = graph.node('SimplifiedLayerNormalization', [x, scale], x.shape, {
    attributes: { axis: { int: -1 }, epsilon: { float: epsilon }, stash_type: { int: 1 } },
  });
  return graph.record(y, [x, scale], (gradient) => {
    // The operator offers the inverse root as a second output, but on WebGPU that holds nothing.
    const root = squareRoot(graph, add(graph, meanSquareOverLast(graph, x), graph.scalar(epsilon)));
    const inverse = divide(graph, graph.scalar(1), root);
    return [
      () => {
        const scaled = multiply(graph, gradient, scale);
        const along = meanOverLast(graph, multiply(graph, scaled, x));
        const share = multiply(graph, along, multiply(graph, inverse, inverse));
        return multiply(graph, subtract(graph, scaled, multiply(graph, x, share)), inverse);
      },
      () => sumTo(graph, multiply(graph, gradient, multiply(graph, x, inverse)), scale),
    ];
  });
}

/** LayerNorm over the last axis, (x - mean) / sqrt(variance + epsilon) * scale + bias. x [..., H], scale and bias [H]. */
export function layerNorm(graph: Graph, x: Value, scale: Value, bias: Value, epsilon: number): Value {
  const y = graph.node('LayerNormalization', [x, scale, bias], x.shape, {
    attributes: { axis: { int: -1 }, epsilon: { float: epsilon }, stash_type: { int: 1 } },
  });
  return graph.record(y, [x, scale, bias], (gradient) => {
    const centred = subtract(graph, x, meanOverLast(graph, x));
    const root = squareRoot(graph, add(graph, meanSquareOverLast(graph, centred), graph.scalar(epsilon)));
    const normal = divide(graph, centred, root);
    return [
      () => {
        const scaled = multiply(graph, gradient, scale);
        const along = multiply(graph, normal, meanOverLast(graph, multiply(graph, scaled, normal)));
        return divide(graph, subtract(graph, subtract(graph, scaled, meanOverLast(graph, scaled)), along), root);
      },
      () => sumTo(graph, multiply(graph, gradient, normal), scale),
      () => sumTo(graph, gradient, bias),
    ];
  });
}
