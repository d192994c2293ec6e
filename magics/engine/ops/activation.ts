import type { Graph, Value } from '../graph.ts';
import { add, divide, multiply, subtract } from './arithmetic.ts';
import { sumOver } from './reduce.ts';

/**
 * SiLU, x * sigmoid(x), by ONNX Runtime's fused operator; its derivative is s + y (1 - s) with s = sigmoid(x), y = x s.
 * s is computed again for the gradient: that costs less than keeping it.
 */
export function silu(graph: Graph, x: Value): Value {
  const y = graph.node('QuickGelu', [x], x.shape, { domain: 'com.microsoft', attributes: { alpha: { float: 1 } } });
  return graph.record(y, [x], (gradient) => [
    () => {
      const gate = graph.node('Sigmoid', [x], x.shape);
      const rest = multiply(graph, y, subtract(graph, graph.scalar(1), gate));
      return multiply(graph, gradient, add(graph, gate, rest));
    },
  ]);
}

/**
 * GELU in its tanh form, x / 2 (1 + tanh(u)) with u = c (x + 0.044715 x^3), c = sqrt(2 / pi) (Hendrycks and Gimpel 2016);
 * ONNX Runtime's fused operator.
 */
export function gelu(graph: Graph, x: Value): Value {
  const y = graph.node('FastGelu', [x], x.shape, { domain: 'com.microsoft' });
  return graph.record(y, [x], (gradient) => [() => multiply(graph, gradient, geluSlope(graph, x))]);
}

/** (1 + t) / 2 + x / 2 (1 - t^2) u' with t = tanh(u). */
function geluSlope(graph: Graph, x: Value): Value {
  const c = Math.sqrt(2 / Math.PI);
  const square = multiply(graph, x, x);
  const polynomial = (weight: number): Value =>
    add(graph, graph.scalar(c), multiply(graph, square, graph.scalar(c * weight)));
  const t = tanh(graph, multiply(graph, x, polynomial(0.044715)));
  const halfTail = multiply(
    graph,
    subtract(graph, graph.scalar(0.5), multiply(graph, multiply(graph, t, t), graph.scalar(0.5))),
    x,
  );
  const head = add(graph, multiply(graph, t, graph.scalar(0.5)), graph.scalar(0.5));
  return add(graph, head, multiply(graph, halfTail, polynomial(3 * 0.044715)));
}

export function tanh(graph: Graph, x: Value): Value {
  const y = graph.node('Tanh', [x], x.shape);
  return graph.record(y, [x], (gradient) => [
    () => multiply(graph, gradient, subtract(graph, graph.scalar(1), multiply(graph, y, y))),
  ]);
}

/** limit * tanh(x / limit): nearly x where x is small, never beyond the limit. */
export function softCap(graph: Graph, x: Value, limit: number): Value {
  return multiply(graph, tanh(graph, divide(graph, x, graph.scalar(limit))), graph.scalar(limit));
}

/** Softmax over the last axis. */
export function softmax(graph: Graph, x: Value): Value {
  const y = graph.node('Softmax', [x], x.shape, { attributes: { axis: { int: -1 } } });
  return graph.record(y, [x], (gradient) => [() => softmaxGradient(graph, gradient, y)]);
}

/** Furthest below the largest score that a share still counts, in nats; e^-70 is far below float32's precision. */
const reach = 75;
const smallestShare = 1e-30;

/**
 * Softmax over the last axis of scores + mask, where the mask is very negative at what must not be seen. Shares below
 * 1e-30 are exactly zero: numbers too small for float32's normal range would make the processor many times slower.
 */
export function maskedSoftmax(graph: Graph, scores: Value, mask: Value): Value {
  const masked = graph.node('Add', [scores, mask], scores.shape);
  const rowShape = [...scores.shape.slice(0, -1), 1];
  const axis = graph.integers([scores.shape.length - 1]);
  const largest = graph.node('ReduceMax', [masked, axis], rowShape, { attributes: { keepdims: { int: 1 } } });
  const lowest = graph.node('Sub', [largest, graph.scalar(reach)], rowShape);
  const bounded = graph.node('Max', [masked, lowest], scores.shape);
  const shares = graph.node('Softmax', [bounded], scores.shape, { attributes: { axis: { int: -1 } } });
  const y = graph.node('ThresholdedRelu', [shares], scores.shape, { attributes: { alpha: { float: smallestShare } } });
  return graph.record(y, [scores], (gradient) => [() => softmaxGradient(graph, gradient, y)]);
}

/** y (g - sum(g y)) along the last axis. */
function softmaxGradient(graph: Graph, gradient: Value, y: Value): Value {
  const weighted = multiply(graph, gradient, y);
  const total = sumOver(graph, weighted, [y.shape.length - 1]);
  return subtract(graph, weighted, multiply(graph, y, total));
}

/** Keeps the elements where `mask` (bool, the shape of x) is true, scaled by 1 / keep probability; zero elsewhere. */
export function dropout(graph: Graph, x: Value, mask: Value, keepProbability: number): Value {
  const scaled = graph.node('Mul', [x, graph.scalar(1 / keepProbability)], x.shape);
  const y = graph.node('Where', [mask, scaled, graph.scalar(0)], x.shape);
  return graph.record(y, [x], (gradient) => [() => dropout(graph, gradient, mask, keepProbability)]);
}
