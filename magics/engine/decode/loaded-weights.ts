import path from 'node:path';
import type { ElementType, Graph, Value } from '../graph.ts';
import type { TensorLocation } from '../safetensors.ts';
import type { QuantizedMatrix } from './quantize.ts';
import type { RotatedMatrix } from './rotated-matrix.ts';

/** Where weights come from: the model's files, and in their place matrices that were quantized when it was loaded. */
export interface LoadedWeights {
  readonly stored: ReadonlyMap<string, TensorLocation>;
  /** By the name of the weight. */
  readonly quantized: ReadonlyMap<string, QuantizedMatrix>;
  /** Those of them that are multiplied in this form instead, by the same names. */
  readonly rotated?: ReadonlyMap<string, RotatedMatrix>;
}

const elementTypeOf: Record<string, ElementType> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

/** A model's weights as values of a graph. */
export interface GraphWeights {
  one(name: string): Value;
  /** Several, one after the other along an axis. */
  joined(names: readonly string[], axis: number): Value;
  /** A matrix in fewer bits: data [output, blocks, bytes of a block] and scales [output * blocks]. */
  quantized(name: string, matrix: QuantizedMatrix): readonly [Value, Value];
}

/** Weights that ONNX Runtime reads straight from the safetensors file; half precision is converted when it is loaded. */
export function createLoadedWeights(graph: Graph, { stored }: LoadedWeights): GraphWeights {
  const loaded = new Map<string, Value>();
  const one = (name: string): Value => {
    const value = loaded.get(name) ?? externalWeight(graph, name, stored.get(name)!);
    loaded.set(name, value);
    return value;
  };
  return {
    one,
    joined(names, axis) {
      const parts = names.map(one);
      const shape = joinedShape(
        parts.map((part) => part.shape.map(Number)),
        axis,
      );
      return graph.node('Concat', parts, shape, { attributes: { axis: { int: axis } } });
    },
    quantized(name, matrix) {
      const { data, scales } = quantizedShapes(matrix);
      return [
        graph.initializer(`${name}.quantized`, data, matrix.data, 'uint8'),
        graph.initializer(`${name}.scales`, scales, matrix.scales),
      ];
    },
  };
}

/** Of tensors that lie one after the other along an axis. */
export function joinedShape(shapes: readonly (readonly number[])[], axis: number): number[] {
  return shapes[0]!.map((size, i) => (i === axis ? shapes.reduce((sum, shape) => sum + shape[i]!, 0) : size));
}

/** Shapes in which MatMulNBits takes a matrix. */
export function quantizedShapes({ bits, input, output, block }: QuantizedMatrix): { data: number[]; scales: number[] } {
  const blocks = Math.ceil(input / block);
  return { data: [output, blocks, (block * bits) / 8], scales: [output * blocks] };
}

function externalWeight(graph: Graph, name: string, { file, dtype, shape, offset, length }: TensorLocation): Value {
  const type = elementTypeOf[dtype]!;
  const initializer = graph.initializer(name, shape, { location: path.basename(file), offset, length }, type);
  return type === 'float32'
    ? initializer
    : graph.node('Cast', [initializer], shape, { attributes: { to: { int: 1 } } });
}
