import type { ModelConfig } from '../config.ts';
import type { KeyValueCache } from './cache.ts';
import type { CacheBlock, CachePlace, DeviceMemory } from './device-memory.ts';
import type { RowInput } from './token-inputs.ts';

/**
 * Keys and values in a graphics device's memory. Rows that run together lie in a block of their own, which runs change in
 * place; it is put together anew, by copies on the device, only when rows come or go or need more positions.
 */
export interface DeviceCache extends KeyValueCache {
  /** The block of exactly these rows, from `first` on, with room for what they are about to add. */
  claim(first: number, rows: readonly RowInput[]): Promise<CacheBlock>;
  release(): void;
}

/** Blocks grow by so many positions: few are computed with that nothing sees. */
const positionsStep = 256;

export function createDeviceCache({ layers, keyValueHeads, headSize }: ModelConfig, memory: DeviceMemory): DeviceCache {
  const positionBytes = 2 * layers * keyValueHeads * headSize * Float32Array.BYTES_PER_ELEMENT;
  const blocks = new Set<CacheBlock>();
  /** Where the positions of each row lie. Only the block's own rows may change it: places of others are read once. */
  let places: (CachePlace | undefined)[] = [];
  const owners = new Map<CacheBlock, number>();
  const saved = new Set<CachePlace>();
  /** Copies of what was saved, which are made before anything changes. */
  let pending: (() => Promise<void>)[] = [];

  const taken = async (made: Promise<CacheBlock>): Promise<CacheBlock> => {
    const block = await made;
    blocks.add(block);
    return block;
  };

  /** Frees the blocks that nothing refers to. */
  const sweep = (): void => {
    const live = new Set([...places, ...saved].map((place) => place?.block));
    for (const block of blocks) {
      if (live.has(block)) continue;
      for (const tensor of block.tensors) tensor.dispose();
      blocks.delete(block);
      owners.delete(block);
    }
  };

  /** The block that these rows can go on in: it is theirs, and no other row is yet to be copied from it. */
  const ownBlock = (first: number, count: number): CacheBlock | undefined => {
    const block = places[first]?.block;
    if (block === undefined || owners.get(block) !== first || block.rows !== count) return undefined;
    const isOwn = places.every((place, row) => (place?.block === block) === (row >= first && row < first + count));
    return isOwn ? block : undefined;
  };

  return {
    reserve: () => undefined,
    async claim(first, rows) {
      const copies = pending;
      pending = [];
      for (const copy of copies) await copy();
      const longest = Math.max(...rows.map(({ start, ids }) => start + ids.length));
      const needed = Math.ceil(longest / positionsStep) * positionsStep;
      const isNew = rows.every(({ start }) => start === 0);
      const own = ownBlock(first, rows.length);
      if (own !== undefined && (isNew ? own.positions === needed : own.positions >= needed)) return own;
      const sources = places.slice(first, first + rows.length) as CachePlace[];
      const block = await taken(isNew ? memory.zeros(rows.length, needed) : memory.gather(sources, needed));
      owners.set(block, first);
      for (const row of rows.keys()) places[first + row] = { block, row };
      sweep();
      return block;
    },
    copyRow(from, to) {
      places[to] = places[from];
    },
    save(row, length) {
      const kept = { ...places[row]! };
      saved.add(kept);
      pending.push(async () => {
        if (!saved.has(kept)) return;
        Object.assign(kept, { block: await taken(memory.gather([kept], length)), row: 0 });
      });
      return {
        length,
        bytes: length * positionBytes,
        restore: (target) => {
          places[target] = { ...kept };
        },
        release: () => void saved.delete(kept),
      };
    },
    drop(from) {
      places = places.slice(0, from);
    },
    release() {
      places = [];
      pending = [];
      saved.clear();
      sweep();
    },
  };
}
