import { type InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { type LossTargets, toInt64 } from './batch.ts';
import type { Tensor } from './safetensors.ts';
import type { Batch } from './types.ts';

/** Inputs or outputs of a graph by name. */
export type Feeds = Record<string, OrtTensor>;

/** Runs a session for all of its outputs. */
export async function run(session: InferenceSession, feeds: Feeds): Promise<Feeds> {
  return (await session.run(feeds)) as Feeds;
}

/** A batch as the graph's inputs; weights divided by `weightSum`, so that the loss is their mean. */
export function batchFeeds({ rows, sequenceTokens, inputIds }: Batch, targets: LossTargets, weightSum: number): Feeds {
  const { positions, labels, weights, isSelection } = targets;
  const count = positions.length;
  return {
    input_ids: new OrtTensor('int64', toInt64(inputIds), [rows, sequenceTokens]),
    labels: new OrtTensor('int64', labels, [count]),
    weights: new OrtTensor(
      'float32',
      weights.map((weight) => weight / weightSum),
      [count, 1],
    ),
    ...(isSelection && { loss_positions: new OrtTensor('int64', BigInt64Array.from(positions, BigInt), [count]) }),
  };
}

/** Inputs of a graph; the memory is shared, not copied. */
export function toFeeds(tensors: ReadonlyMap<string, Tensor>): Feeds {
  return Object.fromEntries(
    [...tensors].map(([name, { shape, data }]) => [name, new OrtTensor('float32', data, shape)]),
  );
}

/** The float32 tensors among a graph's inputs or outputs, by name; the memory is shared. */
export function fromFeeds(feeds: Feeds): Map<string, Tensor> {
  return new Map(
    Object.entries(feeds).map(([name, { dims, data }]) => [name, { shape: dims, data: data as Float32Array }]),
  );
}

/** A float32 tensor without dimensions. */
export function scalar(value: number): OrtTensor {
  return new OrtTensor('float32', Float32Array.of(value), []);
}

/** The only number of a tensor. */
export function scalarOf(tensor: OrtTensor): number {
  return (tensor.data as Float32Array)[0]!;
}
