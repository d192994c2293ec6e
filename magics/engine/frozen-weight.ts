import path from 'node:path';
import type { QuantizedMatrix } from './decode/quantize.ts';
import type { ElementType, Graph, Value } from './graph.ts';

import type { Tensor, TensorLocation } from './safetensors.ts';

/** A weight that is not trained: where it lies in a safetensors file, its numbers, or a matrix in four bits. */
export type FrozenWeight =
  | { readonly location: TensorLocation }
  | { readonly tensor: Tensor }
  | { readonly quantized: QuantizedMatrix };

const elementTypeOf: Record<string, ElementType> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

/** Adds the weight as a constant in float32; half precision is converted when the session is made. */
export function addFrozenWeight(graph: Graph, name: string, weight: FrozenWeight | undefined): Value {
  if (weight === undefined) throw new Error(`The graph has no weight ${name}.`);
  if ('tensor' in weight) return graph.initializer(name, weight.tensor.shape, weight.tensor.data);
  if ('quantized' in weight) throw new Error(`The weight ${name} is in four bits: only a linear module can use it.`);
  const { file, dtype, shape, offset, length } = weight.location;
  const type = elementTypeOf[dtype]!;
  const stored = graph.initializer(name, shape, { location: path.basename(file), offset, length }, type);
  return type === 'float32' ? stored : graph.node('Cast', [stored], shape, { attributes: { to: { int: 1 } } });
}
