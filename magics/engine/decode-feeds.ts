import { Tensor as OrtTensor } from 'onnxruntime-node';
import { toInt64 } from './batch.ts';
import type { Feeds } from './feeds.ts';
import { type KeyValueCache, maskedScore } from './key-value-cache.ts';

/** Right-padded input_ids and positions that follow the cache, and the causal mask among the new tokens. */
export function inputFeeds(inputs: readonly (readonly number[])[], cache: KeyValueCache): Feeds {
  const rows = inputs.length;
  const tokens = Math.max(...inputs.map(({ length }) => length));
  const ids = new Int32Array(rows * tokens);
  const positions = new Int32Array(rows * tokens);
  for (const [row, input] of inputs.entries()) {
    ids.set(input, row * tokens);
    for (let i = 0; i < input.length; i++) positions[row * tokens + i] = cache.lengths[row]! + i;
  }
  const mask = Float32Array.from({ length: tokens * tokens }, (_, i) =>
    i % tokens <= Math.floor(i / tokens) ? 0 : maskedScore,
  );
  return {
    input_ids: new OrtTensor('int64', toInt64(ids), [rows, tokens]),
    positions: new OrtTensor('int64', toInt64(positions), [rows, tokens]),
    new_mask: new OrtTensor('float32', mask, [tokens, tokens]),
    ...cache.feeds(),
  };
}

/** Which flat positions the logits are wanted of, and the token ids whose log-probability is asked there. */
export function selectionFeeds(positions: readonly number[], targets: readonly number[]): Feeds {
  const int64 = (values: readonly number[]) =>
    new OrtTensor('int64', BigInt64Array.from(values, BigInt), [values.length]);
  return { selected: int64(positions), targets: int64(targets) };
}
