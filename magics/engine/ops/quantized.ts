import type { QuantizedMatrix } from '../decode/quantize.ts';
import type { Graph, Value } from '../graph.ts';

import { add } from './arithmetic.ts';
import { gemm } from './matmul.ts';

/**
 * x W^T + bias for a frozen W [output, input] in four bits, by ONNX Runtime's MatMulNBits. x [n, input].
 * The gradient of x takes W back from four bits just when it is needed, so that one matrix at a time is in full.
 */
export function quantizedLinear(graph: Graph, x: Value, name: string, matrix: QuantizedMatrix, bias?: Value): Value {
  const { output, input, block } = matrix;
  const [data, scales] = constants(graph, name, matrix);
  const product = graph.node('MatMulNBits', [x, data, scales], [x.shape[0]!, output], {
    domain: 'com.microsoft',
    attributes: { K: { int: input }, N: { int: output }, bits: { int: 4 }, block_size: { int: block } },
  });
  const y = graph.record(product, [x], (gradient) => [
    () => gemm(graph, gradient, dequantized(graph, [data, scales], matrix, gradient)),
  ]);
  return bias === undefined ? y : add(graph, y, bias);
}

/** W [output, input] in full. Its rows are numbered by a value that depends on `gradient`: it cannot be made before. */
function dequantized(
  graph: Graph,
  [data, scales]: readonly [Value, Value],
  { output, input, block }: QuantizedMatrix,
  gradient: Value,
): Value {
  const width = graph.node('Shape', [gradient], [1], { attributes: { start: { int: 1 } }, type: 'int64' });
  const end = graph.node('Squeeze', [width], [], { type: 'int64' });
  const rows = graph.node('Range', [integer(graph, 0), end, integer(graph, 1)], [output], { type: 'int64' });
  const flat = graph.node('Reshape', [data, graph.integers([output, input / 2])], [output, input / 2], {
    type: 'uint8',
  });
  const perRow = graph.node('Reshape', [scales, graph.integers([output, -1])], [output, input / block]);
  return graph.node('GatherBlockQuantized', [flat, rows, perRow], [output, input], {
    domain: 'com.microsoft',
    attributes: {
      gather_axis: { int: 0 },
      quantize_axis: { int: 1 },
      block_size: { int: block },
      bits: { int: 4 },
    },
  });
}

function integer(graph: Graph, value: number): Value {
  return graph.node('Squeeze', [graph.integers([value])], [], { type: 'int64' });
}

/** The matrix as initializers, added when it is first used. */
function constants(
  graph: Graph,
  name: string,
  { output, input, block, data, scales }: QuantizedMatrix,
): readonly [Value, Value] {
  const blocks = input / block;
  return [
    graph.shared(`${name}.four_bits`, [output, blocks, block / 2], data, 'uint8'),
    graph.shared(`${name}.scales`, [output * blocks], scales, 'float32'),
  ];
}
