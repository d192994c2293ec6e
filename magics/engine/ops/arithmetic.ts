import type { Dimension, Graph, Value } from '../graph.ts';
import { sumTo } from './reduce.ts';

/** a + b, with broadcasting. */
export function add(graph: Graph, a: Value, b: Value): Value {
  const sum = elementwise(graph, 'Add', a, b);
  return graph.record(sum, [a, b], (gradient) => [() => sumTo(graph, gradient, a), () => sumTo(graph, gradient, b)]);
}

/** a - b, with broadcasting. */
export function subtract(graph: Graph, a: Value, b: Value): Value {
  const difference = elementwise(graph, 'Sub', a, b);
  return graph.record(difference, [a, b], (gradient) => [
    () => sumTo(graph, gradient, a),
    () => sumTo(graph, negate(graph, gradient), b),
  ]);
}

/** a * b, elementwise, with broadcasting. */
export function multiply(graph: Graph, a: Value, b: Value): Value {
  const product = elementwise(graph, 'Mul', a, b);
  return graph.record(product, [a, b], (gradient) => [
    () => sumTo(graph, multiply(graph, gradient, b), a),
    () => sumTo(graph, multiply(graph, gradient, a), b),
  ]);
}

/** a / b, elementwise, with broadcasting. */
export function divide(graph: Graph, a: Value, b: Value): Value {
  const quotient = elementwise(graph, 'Div', a, b);
  return graph.record(quotient, [a, b], (gradient) => [
    () => sumTo(graph, divide(graph, gradient, b), a),
    () => sumTo(graph, negate(graph, divide(graph, multiply(graph, gradient, quotient), b)), b),
  ]);
}

export function negate(graph: Graph, a: Value): Value {
  const negated = graph.node('Neg', [a], a.shape);
  return graph.record(negated, [a], (gradient) => [() => negate(graph, gradient)]);
}

export function squareRoot(graph: Graph, a: Value): Value {
  const root = graph.node('Sqrt', [a], a.shape);
  return graph.record(root, [a], (gradient) => [
    () => divide(graph, multiply(graph, gradient, graph.scalar(0.5)), root),
  ]);
}

function elementwise(graph: Graph, operator: string, a: Value, b: Value): Value {
  return graph.node(operator, [a, b], broadcastShape(a.shape, b.shape));
}

/** NumPy's broadcasting rule; a dynamic dimension wins over 1. */
function broadcastShape(a: readonly Dimension[], b: readonly Dimension[]): Dimension[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[a.length - rank + i] ?? 1;
    const right = b[b.length - rank + i] ?? 1;
    return left === 1 ? right : left;
  });
}
