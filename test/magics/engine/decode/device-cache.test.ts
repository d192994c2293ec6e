import { describe, expect, it } from 'vitest';
import { parseModelConfig } from '../../../../magics/engine/config.ts';
import { createDeviceCache } from '../../../../magics/engine/decode/device-cache.ts';
import type { CacheBlock, CachePlace, DeviceMemory } from '../../../../magics/engine/decode/device-memory.ts';
import { tinyConfig } from '../tiny-model.ts';

/** A device of which each block's first tensor is a table of numbers, [rows][positions]. */
function createTables() {
  const tables = new Map<CacheBlock, number[][]>();
  let copies = 0;
  const make = async (table: number[][]): Promise<CacheBlock> => {
    const dispose = () => void tables.delete(block);
    const dims = [table.length, table[0]!.length, 1];
    const block: CacheBlock = {
      rows: table.length,
      positions: table[0]!.length,
      tensors: [{ type: 'float32', dims, location: 'gpu-buffer', dispose }],
    };
    tables.set(block, table);
    return block;
  };
  const memory: DeviceMemory = {
    upload: async () => ({}),
    zeros: (rows, positions) => make(Array.from({ length: rows }, () => Array<number>(positions).fill(0))),
    gather(places: readonly CachePlace[], positions) {
      copies++;
      const rowOf = ({ block, row }: CachePlace) => tables.get(block)![row]!;
      const sized = (row: number[]) => Array.from({ length: positions }, (_, i) => row[i] ?? 0);
      return make(places.map((place) => sized(rowOf(place))));
    },
    release: async () => undefined,
  };
  return { memory, tables, copies: () => copies };
}

function setup() {
  const device = createTables();
  const cache = createDeviceCache(parseModelConfig(tinyConfig), device.memory);
  /** As a run of the model: each token is written to its position. */
  const write = async (first: number, ...rows: { start: number; ids: number[] }[]): Promise<CacheBlock> => {
    const block = await cache.claim(
      first,
      rows.map((row) => ({ ...row, adapter: 0 })),
    );
    const table = device.tables.get(block)!;
    for (const [row, { start, ids }] of rows.entries())
      for (const [i, id] of ids.entries()) table[row]![start + i] = id;
    return block;
  };
  /** The first positions of rows, which are copied as nothing else can be done with them. */
  const read = async (first: number, ...lengths: number[]): Promise<number[][]> => {
    const block = await write(first, ...lengths.map((start) => ({ start, ids: [-1] })));
    return lengths.map((length, row) => device.tables.get(block)![row]!.slice(0, length));
  };
  return { ...device, cache, write, read };
}

describe('caches on a device', () => {
  it('are written in place while the same rows go on, and copied once for each 256 positions', async () => {
    const { write, tables, copies } = setup();
    const block = await write(0, { start: 0, ids: [1, 2] }, { start: 0, ids: [3] });
    for (let start = 2; start < 256; start++) {
      expect(await write(0, { start, ids: [7] }, { start: start - 1, ids: [8] })).toBe(block);
    }
    expect(copies()).toBe(0);
    const grown = await write(0, { start: 256, ids: [7] }, { start: 255, ids: [8] });
    expect(grown).toMatchObject({ rows: 2, positions: 512 });
    expect(copies()).toBe(1);
    expect([...tables.keys()]).toEqual([grown]);
  });

  it('keep what each row holds when rows join, move and leave', async () => {
    const { cache, write, read, tables } = setup();
    await write(0, { start: 0, ids: [1, 2, 3] }, { start: 0, ids: [4, 5] });
    await write(2, { start: 0, ids: [6] });
    expect(await read(0, 3, 2, 1)).toEqual([[1, 2, 3], [4, 5], [6]]);
    cache.copyRow(2, 0, 1);
    cache.drop(2);
    expect(await read(0, 1, 2)).toEqual([[6], [4, 5]]);
    expect(tables.size).toBe(1);
  });

  it('lets a row begin like another, after which neither sees what the other adds', async () => {
    const { cache, write, read } = setup();
    await write(0, { start: 0, ids: [1, 2, 3] });
    cache.copyRow(0, 1, 2);
    await write(1, { start: 2, ids: [9, 9] });
    await write(0, { start: 3, ids: [4] });
    expect(await read(0, 4, 4)).toEqual([
      [1, 2, 3, 4],
      [1, 2, 9, 9],
    ]);
  });

  it('gives back what was saved, whatever its row went on with, to several rows', async () => {
    const { cache, write, read } = setup();
    await write(0, { start: 0, ids: [1, 2, 3] });
    const saved = cache.save(0, 2);
    cache.drop(0);
    await write(0, { start: 0, ids: [7, 7, 7] });
    saved.restore(1, 2);
    await write(1, { start: 2, ids: [5] });
    saved.restore(2, 1);
    await write(2, { start: 1, ids: [6] });
    expect(await read(0, 3, 3, 2)).toEqual([
      [7, 7, 7],
      [1, 2, 5],
      [1, 6],
    ]);
  });

  it('hold nothing that is no longer used, after hundreds of sequences and when they are released', async () => {
    const { cache, write, tables } = setup();
    const kept = [];
    for (let sequence = 0; sequence < 300; sequence++) {
      await write(0, { start: 0, ids: [sequence, 2] }, { start: 0, ids: [3] });
      await write(0, { start: 2, ids: [4] }, { start: 1, ids: [5] });
      kept.push(cache.save(0, 3));
      cache.copyRow(1, 0, 2);
      cache.drop(1);
      await write(0, { start: 2, ids: [6] });
      if (kept.length > 2) kept.shift()!.release();
      cache.drop(0);
    }
    expect(tables.size).toBeLessThanOrEqual(2 + 3);
    cache.release();
    expect(tables.size).toBe(0);
  });
});
