import type { Dimension, Graph, Value } from '../graph.ts';

/** Numbers that are rotated together. */
export const rotationBlock = 64;

/**
 * x [n, width] with each block of its last axis multiplied by Hadamard's orthogonal matrix. The product of two matrices
 * rotated along the axis that is summed is that of the matrices themselves, but single large numbers are spread over
 * their block, so that a row can be rounded with one scale (Ashkboos et al. 2024, QuaRot).
 */
export function rotate(graph: Graph, x: Value): Value {
  const blocks = graph.node('Reshape', [x, graph.integers([-1, rotationBlock])], ['blocks', rotationBlock]);
  const matrix = graph.shared('rotation', [rotationBlock, rotationBlock], hadamard(rotationBlock), 'float32');
  const rotated = graph.node('Gemm', [blocks, matrix], ['blocks', rotationBlock]);
  const [rows, width] = x.shape as [Dimension, number];
  return graph.node('Reshape', [rotated, graph.integers([-1, width])], [rows, width]);
}

/** The largest step of numbers rounded to 8 bits around zero. */
const largestStep = 127;

/**
 * x [n, width] as data * step * sizes: rounded to 8 bits around zero, each row by its own size [n, 1]. `zero` is the
 * number that stands for zero, `step` the share of a row's size that 1 stands for; both are scalars.
 */
export function quantizePerRow(graph: Graph, x: Value, type: 'int8' | 'uint8') {
  const perRow = [x.shape[0]!, 1];
  const largest = graph.node('ReduceMax', [graph.node('Abs', [x], x.shape), graph.integers([1])], perRow, {
    attributes: { keepdims: { int: 1 } },
  });
  // A row of zeros has a size as well.
  const sizes = graph.node('Max', [largest, graph.scalar(1e-30)], perRow);
  const shares = graph.node('Div', [x, sizes], x.shape);
  const step = graph.scalar(1 / largestStep);
  const zero = graph.shared(`zero.${type}`, [], Uint8Array.of(type === 'int8' ? 0 : 128), type);
  const data = graph.node('QuantizeLinear', [shares, step, zero], x.shape, { type });
  return { data, sizes, step, zero };
}

/** Sylvester's construction, [size, size], size a power of two: entry i, j is negative where i & j has an odd number of bits. */
function hadamard(size: number): Float32Array {
  return Float32Array.from({ length: size * size }, (_, at) => {
    const shared = Math.floor(at / size) & (at % size);
    return (hasOddBits(shared) ? -1 : 1) / Math.sqrt(size);
  });
}

function hasOddBits(number: number): boolean {
  return number !== 0 && !hasOddBits(number & (number - 1));
}
