import { causalMask, positionIds, segmentMask } from './attention-mask.ts';
import { type LossTargets, toInt64 } from './batch.ts';
import type { Tensor } from './safetensors.ts';
import type { Feeds, HostTensor } from './tensor.ts';
import type { Batch } from './types.ts';

/** A batch as the graph's inputs; weights divided by `weightSum`, so that the loss is their mean. */
export function batchFeeds(batch: Batch, targets: LossTargets, weightSum: number): Feeds {
  const { rows, sequenceTokens, inputIds, segments } = batch;
  const { positions, labels, weights } = targets;
  const count = positions.length;
  const dims = [rows, sequenceTokens];
  return {
    input_ids: { type: 'int64', data: toInt64(inputIds), dims },
    positions: { type: 'int64', data: positionIds(rows, sequenceTokens, segments), dims },
    attention_mask: segments === undefined ? causalMask(sequenceTokens) : segmentMask(rows, sequenceTokens, segments),
    loss_positions: { type: 'int64', data: BigInt64Array.from(positions, BigInt), dims: [count] },
    labels: { type: 'int64', data: labels, dims: [count] },
    weights: { type: 'float32', data: weights.map((weight) => weight / weightSum), dims: [count, 1] },
  };
}

/** Inputs of a graph; the memory is shared, not copied. */
export function toFeeds(tensors: ReadonlyMap<string, Tensor>): Feeds {
  return Object.fromEntries(
    [...tensors].map(([name, { shape, data }]) => [name, { type: 'float32', data, dims: shape }]),
  );
}

/** The float32 tensors among a graph's inputs or outputs, by name; the memory is shared. */
export function fromFeeds(feeds: Feeds): Map<string, Tensor> {
  return new Map(
    Object.entries(feeds).map(([name, { dims, data }]) => [name, { shape: dims, data: data as Float32Array }]),
  );
}

/** A float32 tensor without dimensions. */
export function scalar(value: number): HostTensor {
  return { type: 'float32', data: Float32Array.of(value), dims: [] };
}

/** The only number of a tensor. */
export function scalarOf(tensor: HostTensor): number {
  return (tensor.data as Float32Array)[0]!;
}
