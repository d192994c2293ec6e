import type { Graph, Value } from '../graph.ts';
import { readTensor } from '../safetensors.ts';
import type { HostTensor } from '../tensor.ts';
import { type GraphWeights, joinedShape, type LoadedWeights, quantizedShapes } from './loaded-weights.ts';

/** A model's weights as inputs, which graphs share: held once, whichever of them runs. */
export interface WeightInputs {
  /** The weights as inputs of this graph. */
  of(graph: Graph): GraphWeights;
  /** How each input that a graph asked for is read, by its name. */
  readonly readers: ReadonlyMap<string, () => Promise<HostTensor>>;
}

export function createWeightInputs({ stored }: LoadedWeights): WeightInputs {
  const readers = new Map<string, () => Promise<HostTensor>>();
  const shapeOf = (name: string) => stored.get(name)!.shape;
  const read = async (name: string): Promise<Float32Array> => (await readTensor(name, stored.get(name)!)).data;

  const of = (graph: Graph): GraphWeights => {
    const known = new Map<string, Value>();
    const input = (
      name: string,
      dims: readonly number[],
      type: 'float32' | 'uint8',
      data: () => Promise<HostTensor['data']>,
    ) => {
      const value = known.get(name) ?? graph.input(name, dims, type);
      known.set(name, value);
      readers.set(name, async () => ({ type, dims, data: await data() }));
      return value;
    };
    return {
      one: (name) => input(name, shapeOf(name), 'float32', () => read(name)),
      joined: (names, axis) =>
        input(names.join(' + '), joinedShape(names.map(shapeOf), axis), 'float32', async () =>
          join(await Promise.all(names.map(read)), names.map(shapeOf), axis),
        ),
      quantized: (name, matrix) => {
        const shapes = quantizedShapes(matrix);
        return [
          input(`${name}.quantized`, shapes.data, 'uint8', async () => matrix.data),
          input(`${name}.scales`, shapes.scales, 'float32', async () => matrix.scales),
        ];
      },
    };
  };
  return { of, readers };
}

/** Tensors one after the other along an axis. */
function join(parts: readonly Float32Array[], shapes: readonly (readonly number[])[], axis: number): Float32Array {
  const strides = shapes.map((shape) => shape.slice(axis).reduce((product, size) => product * size, 1));
  const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (let slice = 0; place < joined.length; slice++) {
    for (const [i, part] of parts.entries()) {
      joined.set(part.subarray(slice * strides[i]!, (slice + 1) * strides[i]!), place);
      place += strides[i]!;
    }
  }
  return joined;
}
