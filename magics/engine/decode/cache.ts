import type { ModelConfig } from '../config.ts';
import { type Feeds, type TypedTensor, zeros } from '../tensor.ts';
import { pastNames, presentNames, storedHeadSize } from './attention.ts';

/** Keys and values of a sequence's first positions, apart from the rows of the cache. */
export interface SavedPositions {
  readonly length: number;
  readonly bytes: number;
  /** Makes the first `length` of them those of a row. */
  restore(row: number, length: number): void;
  release(): void;
}

/** Keys and values of the positions so far, a row per sequence. Rows have their own lengths, which the caller keeps. */
export interface KeyValueCache {
  /** Makes room for so many rows of so many positions; what is there stays. */
  reserve(rows: number, positions: number): void;
  /** Copies a row's first positions to another row. */
  copyRow(from: number, to: number, length: number): void;
  save(row: number, length: number): SavedPositions;
  /** Says that the rows from this one on are free. */
  drop(from: number): void;
}

/** Caches in the host's memory: buffers [rows, keyValueHeads, capacity, D] that the decoding graph changes in place. */
export interface HostCache extends KeyValueCache {
  readonly capacity: number;
  /** Another number whenever the buffers were replaced: what was bound to them must be bound anew. */
  readonly generation: number;
  /** Inputs and outputs of the decoding graph, the same memory, for `rows` rows from `first` on. */
  feeds(first: number, rows: number): { past: Feeds; present: Feeds };
}

/** Least number of positions; buffers grow by doubling, so that each position is copied once on average. */
const leastCapacity = 256;

export function createHostCache(config: ModelConfig): HostCache {
  const { layers, keyValueHeads, contextTokens } = config;
  const size = storedHeadSize(config);
  let [rows, capacity, generation] = [0, 0, 0];
  let buffers: TypedTensor<'float32'>[] = [];

  const reserve = (wantedRows: number, wantedPositions: number): void => {
    if (wantedRows <= rows && wantedPositions <= capacity) return;
    const [oldRows, oldCapacity] = [rows, capacity];
    rows = Math.max(rows, powerOfTwo(wantedRows));
    capacity = Math.max(capacity, Math.min(powerOfTwo(Math.max(wantedPositions, leastCapacity)), contextTokens));
    const grow = (old: Float32Array | undefined): TypedTensor<'float32'> => {
      const grown = zeros('float32', [rows, keyValueHeads, capacity, size]);
      for (let head = 0; old !== undefined && head < oldRows * keyValueHeads; head++) {
        const start = head * oldCapacity * size;
        grown.data.set(old.subarray(start, start + oldCapacity * size), head * capacity * size);
      }
      return grown;
    };
    buffers = Array.from({ length: 2 * layers }, (_, i) => grow(buffers[i]?.data));
    generation++;
  };

  /** Calls `copy` with each buffer and, per head, the place where the row's first position lies. */
  const eachHead = (row: number, visit: (buffer: number, head: number, start: number) => void): void => {
    for (let buffer = 0; buffer < buffers.length; buffer++) {
      for (let head = 0; head < keyValueHeads; head++)
        visit(buffer, head, (row * keyValueHeads + head) * capacity * size);
    }
  };

  return {
    get capacity() {
      return capacity;
    },
    get generation() {
      return generation;
    },
    reserve,
    feeds(first, count) {
      const stride = keyValueHeads * capacity * size;
      const caches = buffers.map(({ data }) => ({
        type: 'float32' as const,
        dims: [count, keyValueHeads, capacity, size],
        data: data.subarray(first * stride, (first + count) * stride),
      }));
      return { past: named(caches, pastNames), present: named(caches, presentNames) };
    },
    copyRow(from, to, length) {
      const distance = (to - from) * keyValueHeads * capacity * size;
      eachHead(from, (buffer, _, start) =>
        buffers[buffer]!.data.copyWithin(start + distance, start, start + length * size),
      );
    },
    save(row, length) {
      const saved = buffers.map(() => new Float32Array(keyValueHeads * length * size));
      eachHead(row, (buffer, head, start) =>
        saved[buffer]!.set(buffers[buffer]!.data.subarray(start, start + length * size), head * length * size),
      );
      return {
        length,
        bytes: saved.length * saved[0]!.byteLength,
        restore: (target, count) =>
          eachHead(target, (buffer, head, start) => {
            const from = head * length * size;
            buffers[buffer]!.data.set(saved[buffer]!.subarray(from, from + count * size), start);
          }),
        release: () => undefined,
      };
    },
    drop: () => undefined,
  };
}

/** Keys and values of each layer in turn, by their names in the graph. */
export function named<Tensor>(tensors: readonly Tensor[], names: typeof pastNames): Record<string, Tensor> {
  return Object.fromEntries(
    tensors.map((tensor, i) => {
      const { keys, values } = names(Math.floor(i / 2));
      return [i % 2 === 0 ? keys : values, tensor];
    }),
  );
}

function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, least)));
}
