import { productOf, quotientOf } from '../dimensions.ts';
import type { Dimension, Graph, Value } from '../graph.ts';

/** The same elements in another shape; one size may be -1, to be worked out from the others. */
export function reshape(graph: Graph, a: Value, shape: readonly Dimension[]): Value {
  const reshaped = graph.node('Reshape', [a, sizesFor(graph, shape)], inferShape(a, shape), { type: a.type });
  return graph.record(reshaped, [a], (gradient) => [() => reshape(graph, gradient, a.shape)]);
}

/** A single size that is not known yet can be worked out like -1. */
function sizesFor(graph: Graph, shape: readonly Dimension[]): Value {
  const isOpen = shape.filter((size) => typeof size === 'string').length === 1 && !shape.includes(-1);
  return graph.sizes(isOpen ? shape.map((size) => (typeof size === 'string' ? -1 : size)) : shape);
}

export function transpose(graph: Graph, a: Value, permutation: readonly number[]): Value {
  const shape = permutation.map((axis) => a.shape[axis]!);
  const transposed = graph.node('Transpose', [a], shape, { attributes: { perm: { ints: permutation } } });
  const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
  return graph.record(transposed, [a], (gradient) => [() => transpose(graph, gradient, inverse)]);
}

/** Cuts the last axis into `parts` of the same size. */
export function splitLast(graph: Graph, a: Value, parts: number): Value[] {
  const size = Number(a.shape.at(-1)) / parts;
  const shape = [...a.shape.slice(0, -1), size];
  return Array.from({ length: parts }, (_, part) => {
    const bounds = [part * size, (part + 1) * size, -1].map((bound) => graph.integers([bound]));
    const slice = graph.node('Slice', [a, ...bounds], shape, { type: a.type });
    return graph.record(slice, [a], (gradient) => [() => padLast(graph, gradient, a, part * size)]);
  });
}

/** `a` with zeros before and after along the last axis, so that it has the shape of `like` and starts at `from`. */
function padLast(graph: Graph, a: Value, like: Value, from: number): Value {
  const after = Number(like.shape.at(-1)) - from - Number(a.shape.at(-1));
  const zeros = like.shape.slice(1).map(() => 0);
  const pads = graph.integers([...zeros, from, ...zeros, after]);
  return graph.node('Pad', [a, pads], like.shape);
}

function inferShape(a: Value, shape: readonly Dimension[]): Dimension[] {
  if (!shape.includes(-1)) return [...shape];
  const rest = quotientOf(productOf(a.shape), productOf(shape.filter((size) => size !== -1)));
  return shape.map((size) => (size === -1 ? (rest ?? 'inferred') : size));
}
