import type { Graph, Value } from '../graph.ts';
import { add, multiply, subtract } from './arithmetic.ts';
import { sumOver } from './reduce.ts';

/** SiLU, x * sigmoid(x); its derivative is s + y (1 - s) with s = sigmoid(x), y = x s. */
export function silu(graph: Graph, x: Value): Value {
  const gate = graph.node('Sigmoid', [x], x.shape);
  const y = graph.node('Mul', [x, gate], x.shape);
  return graph.record(y, [x], (gradient) => [
    () => {
      const rest = multiply(graph, y, subtract(graph, graph.scalar(1), gate));
      return multiply(graph, gradient, add(graph, gate, rest));
    },
  ]);
}

/** Softmax over the last axis. */
export function softmax(graph: Graph, x: Value): Value {
  const y = graph.node('Softmax', [x], x.shape, { attributes: { axis: { int: -1 } } });
  return graph.record(y, [x], (gradient) => [
    () => {
      const weighted = multiply(graph, gradient, y);
      const total = sumOver(graph, weighted, [x.shape.length - 1]);
      return subtract(graph, weighted, multiply(graph, y, total));
    },
  ]);
}

/** Keeps the elements where `mask` (bool, the shape of x) is true, scaled by 1 / keep probability; zero elsewhere. */
export function dropout(graph: Graph, x: Value, mask: Value, keepProbability: number): Value {
  const scaled = graph.node('Mul', [x, graph.scalar(1 / keepProbability)], x.shape);
  const y = graph.node('Where', [mask, scaled, graph.scalar(0)], x.shape);
  return graph.record(y, [x], (gradient) => [() => dropout(graph, gradient, mask, keepProbability)]);
}
