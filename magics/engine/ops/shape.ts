import { type Dimension, elementCount, type Graph, staticShape, type Value } from '../graph.ts';

/** The same elements in another shape; one size may be -1, to be worked out from the others. */
export function reshape(graph: Graph, a: Value, shape: readonly number[]): Value {
  const reshaped = graph.node('Reshape', [a, graph.integers(shape)], inferShape(a, shape), { type: a.type });
  return graph.record(reshaped, [a], (gradient) => [() => reshape(graph, gradient, staticShape(a))]);
}

export function transpose(graph: Graph, a: Value, permutation: readonly number[]): Value {
  const shape = permutation.map((axis) => a.shape[axis]!);
  const transposed = graph.node('Transpose', [a], shape, { attributes: { perm: { ints: permutation } } });
  const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
  return graph.record(transposed, [a], (gradient) => [() => transpose(graph, gradient, inverse)]);
}

function inferShape(a: Value, shape: readonly number[]): Dimension[] {
  if (!shape.includes(-1)) return [...shape];
  const isStatic = a.shape.every((size) => typeof size === 'number');
  const rest = -elementCount(shape);
  return shape.map((size) => (size !== -1 ? size : isStatic ? elementCount(staticShape(a)) / rest : 'inferred'));
}
