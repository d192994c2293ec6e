import type { Graph, Value } from '../graph.ts';
import { reshape } from './shape.ts';

/** Sums a gradient over the axes that broadcasting had added or stretched, back to the shape of `like`. */
export function sumTo(graph: Graph, gradient: Value, like: Value): Value {
  if (gradient.shape.join() === like.shape.join()) return gradient;
  const [from, to] = [gradient.shape, like.shape];
  const added = from.length - to.length;
  const axes = from.flatMap((size, i) => (i < added || (to[i - added] === 1 && size !== 1) ? [i] : []));
  const summed = axes.length === 0 ? gradient : sumOver(graph, gradient, axes);
  return summed.shape.join() === to.join() ? summed : reshape(graph, summed, to);
}

/** Sum over `axes`, which stay as dimensions of size 1. Not differentiable: for use in gradients. */
export function sumOver(graph: Graph, a: Value, axes: readonly number[]): Value {
  return reduce(graph, 'ReduceSum', a, axes);
}

/** Mean over the last axis, which stays as a dimension of size 1. Not differentiable: for use in gradients. */
export function meanOverLast(graph: Graph, a: Value): Value {
  return reduce(graph, 'ReduceMean', a, [a.shape.length - 1]);
}

/** Mean of the squares over the last axis, which stays as a dimension of size 1. Not differentiable: for use in gradients. */
export function meanSquareOverLast(graph: Graph, a: Value): Value {
  const sum = reduce(graph, 'ReduceSumSquare', a, [a.shape.length - 1]);
  return graph.node('Div', [sum, graph.scalar(Number(a.shape.at(-1)))], sum.shape);
}

/** Sum of all elements, a scalar. Not differentiable. */
export function sumAll(graph: Graph, a: Value): Value {
  const axes = a.shape.map((_, i) => i);
  return graph.node('ReduceSum', [a, graph.integers(axes)], [], { attributes: { keepdims: { int: 0 } } });
}

/** Sum of the squares of all elements, a scalar. Not differentiable. */
export function sumOfSquares(graph: Graph, a: Value): Value {
  return graph.node('ReduceSumSquare', [a], [], { attributes: { keepdims: { int: 0 } } });
}

function reduce(graph: Graph, operator: string, a: Value, axes: readonly number[]): Value {
  const shape = a.shape.map((size, i) => (axes.includes(i) ? 1 : size));
  return graph.node(operator, [a, graph.integers(axes)], shape, { attributes: { keepdims: { int: 1 } } });
}
