import { Tensor as OrtTensor } from 'onnxruntime-node';
import type { ModelConfig } from './config.ts';
import { pastNames } from './decode-graph.ts';

/** Added to the score of a position that must not be seen: its share is 0 after the softmax. */
export const maskedScore = -1e9;

/** Positions by which the buffers grow: attention costs as much as they are long, growing costs one copy. */
const growth = 64;

/**
 * The keys and values of the positions so far, one row per sequence, in buffers that grow as needed.
 * Layouts as in `pastNames`; the rows may have different lengths.
 */
export interface KeyValueCache {
  readonly lengths: readonly number[];
  /** Inputs of the decoding graph: the cache and the mask of its unused positions. */
  feeds(): Record<string, OrtTensor>;
  /** Takes up the first `counts[row]` of the new positions of each row, from the graph's outputs. */
  append(newKeys: OrtTensor, newValues: OrtTensor, counts: readonly number[]): void;
  /** Drops all rows but these. */
  keepRows(rows: readonly number[]): void;
}

export function createKeyValueCache(config: ModelConfig, rows: number): KeyValueCache {
  const { layers, keyValueHeads, headSize } = config;
  let lengths = new Array<number>(rows).fill(0);
  let buffers = allocate(config, rows, 1);

  /** Moves `rows` of the old buffers into new ones. */
  const move = (kept: readonly number[], capacity: number): void => {
    const next = allocate(config, kept.length, capacity);
    for (let layer = 0; layer < layers; layer++) {
      for (const [to, from] of kept.entries()) {
        for (let head = 0; head < keyValueHeads; head++) {
          const [source, target] = [from * keyValueHeads + head, to * keyValueHeads + head];
          copyPositions(buffers, source, next, target, layer, lengths[from]!);
        }
      }
    }
    lengths = kept.map((row) => lengths[row]!);
    buffers = next;
    for (const [row, length] of lengths.entries()) showPositions(row, 0, length);
  };

  const copyPositions = (from: Buffers, source: number, to: Buffers, target: number, layer: number, count: number) => {
    const [keys, newKeys] = [from.keys[layer]!, to.keys[layer]!];
    for (let d = 0; d < headSize; d++) {
      const start = (source * headSize + d) * from.capacity;
      newKeys.set(keys.subarray(start, start + count), (target * headSize + d) * to.capacity);
    }
    const start = source * from.capacity * headSize;
    to.values[layer]!.set(
      from.values[layer]!.subarray(start, start + count * headSize),
      target * to.capacity * headSize,
    );
  };

  const showPositions = (row: number, from: number, to: number): void => {
    buffers.mask.fill(0, row * buffers.capacity + from, row * buffers.capacity + to);
  };

  const append = (newKeys: OrtTensor, newValues: OrtTensor, counts: readonly number[]): void => {
    const needed = Math.max(...lengths.map((length, row) => length + counts[row]!));
    if (needed > buffers.capacity) move([...lengths.keys()], Math.ceil(needed / growth) * growth);
    const tokens = newKeys.dims.at(-1)!;
    const keys = newKeys.data as Float32Array;
    const values = newValues.data as Float32Array;
    for (let layer = 0; layer < layers; layer++) {
      for (const [row, length] of lengths.entries()) {
        for (let head = 0; head < keyValueHeads; head++) {
          const source = (layer * lengths.length + row) * keyValueHeads + head;
          const target = row * keyValueHeads + head;
          const count = counts[row]!;
          appendKeys(buffers, layer, target, length, keys, source * headSize * tokens, tokens, count);
          const start = source * tokens * headSize;
          buffers.values[layer]!.set(
            values.subarray(start, start + count * headSize),
            (target * buffers.capacity + length) * headSize,
          );
        }
      }
    }
    for (const [row, count] of counts.entries()) {
      showPositions(row, lengths[row]!, lengths[row]! + count);
      lengths[row]! += count;
    }
  };

  /** Keys lie transposed, [D, capacity]: each of the D rows gets `count` numbers from place `length` on. */
  const appendKeys = (
    to: Buffers,
    layer: number,
    target: number,
    length: number,
    keys: Float32Array,
    start: number,
    tokens: number,
    count: number,
  ): void => {
    const data = to.keys[layer]!;
    for (let d = 0; d < headSize; d++) {
      const place = (target * headSize + d) * to.capacity + length;
      for (let i = 0; i < count; i++) data[place + i] = keys[start + d * tokens + i]!;
    }
  };

  return {
    get lengths() {
      return lengths;
    },
    feeds: () => buffers.feeds,
    append,
    keepRows: (kept) => move(kept, buffers.capacity),
  };
}

interface Buffers {
  capacity: number;
  keys: Float32Array[];
  values: Float32Array[];
  mask: Float32Array;
  feeds: Record<string, OrtTensor>;
}

function allocate(config: ModelConfig, rows: number, capacity: number): Buffers {
  const { layers, keyValueHeads, headSize } = config;
  const size = rows * keyValueHeads * headSize * capacity;
  const buffer = () => Array.from({ length: layers }, () => new Float32Array(size));
  const [keys, values, mask] = [buffer(), buffer(), new Float32Array(rows * capacity).fill(maskedScore)];
  const feeds: Record<string, OrtTensor> = { past_mask: new OrtTensor('float32', mask, [rows, 1, 1, 1, capacity]) };
  for (let layer = 0; layer < layers; layer++) {
    const names = pastNames(layer);
    feeds[names.keys] = new OrtTensor('float32', keys[layer]!, [rows, keyValueHeads, 1, headSize, capacity]);
    feeds[names.values] = new OrtTensor('float32', values[layer]!, [rows, keyValueHeads, 1, capacity, headSize]);
  }
  return { capacity, keys, values, mask, feeds };
}
