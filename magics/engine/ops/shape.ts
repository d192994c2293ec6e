import { productOf, quotientOf } from '../dimensions.ts';
import type { Dimension, Graph, Value } from '../graph.ts';

/** The same elements in another shape; one size may be -1, to be worked out from the others. */
export function reshape(graph: Graph, a: Value, shape: readonly Dimension[]): Value {
  // A size of 0 means 0: a part may be empty.
  const attributes = { allowzero: { int: 1 } };
  const reshaped = graph.node('Reshape', [a, sizesFor(graph, shape)], inferShape(a, shape), {
    attributes,
    type: a.type,
  });
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

/** Bounds along an axis: where a slice starts and ends (int64 [1]), and its length. */
export interface Bounds {
  start: Value;
  end: Value;
  length: Dimension;
}

/** The part of `a` within bounds along an axis, which need not be the last and may be of any length. */
export function slice(graph: Graph, a: Value, axis: number, { start, end, length }: Bounds): Value {
  const shape = a.shape.map((size, i) => (i === axis ? length : size));
  const part = graph.node('Slice', [a, start, end, graph.integers([axis])], shape, { type: a.type });
  return graph.record(part, [a], (gradient) => [() => pad(graph, gradient, a, axis, { start, end })]);
}

/** `a` with zeros before `start` and from `end` on along an axis, in the shape of `like`. */
function pad(graph: Graph, a: Value, like: Value, axis: number, { start, end }: Omit<Bounds, 'length'>): Value {
  const after = graph.node('Sub', [graph.sizes([like.shape[axis]!]), end], [1], { type: 'int64' });
  // On all axes: ONNX Runtime does not heed Pad's axes where it moves a transposition past it.
  const [before, behind] = [axis, like.shape.length - axis - 1];
  const zeros = (count: number) => (count === 0 ? [] : [graph.integers(new Array(count).fill(0))]);
  const parts = [...zeros(before), start, ...zeros(behind + before), after, ...zeros(behind)];
  const attributes = { axis: { int: 0 } };
  const pads = graph.node('Concat', parts, [2 * like.shape.length], { attributes, type: 'int64' });
  return graph.node('Pad', [a, pads], like.shape);
}

/** Parts one after the other along an axis; `bounds` says where each lies. */
export function concat(
  graph: Graph,
  parts: readonly Value[],
  axis: number,
  { length, bounds }: { length: Dimension; bounds: readonly Bounds[] },
): Value {
  const shape = parts[0]!.shape.map((size, i) => (i === axis ? length : size));
  const whole = graph.node('Concat', parts, shape, { attributes: { axis: { int: axis } } });
  return graph.record(whole, parts, (gradient) => bounds.map((place) => () => slice(graph, gradient, axis, place)));
}

function inferShape(a: Value, shape: readonly Dimension[]): Dimension[] {
  if (!shape.includes(-1)) return [...shape];
  const rest = quotientOf(productOf(a.shape), productOf(shape.filter((size) => size !== -1)));
  return shape.map((size) => (size === -1 ? (rest ?? 'inferred') : size));
}
