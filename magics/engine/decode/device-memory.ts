import type { ModelConfig } from '../config.ts';
import { createDeviceFunction, type DeviceFunction, type DeviceOptions, type Inputs } from '../device-session.ts';
import { Graph, type Value } from '../graph.ts';
import type { DeviceFeeds, DeviceTensor, Feeds, HostTensor } from '../tensor.ts';

/** Rows of keys and values on the device: for each layer its keys and its values, [rows, positions, keyValueHeads * D]. */
export interface CacheBlock {
  readonly rows: number;
  readonly positions: number;
  readonly tensors: readonly DeviceTensor[];
}

/** A row of a block. */
export interface CachePlace {
  block: CacheBlock;
  row: number;
}

/** Makes tensors in a graphics device's memory; what it makes is the caller's to dispose of. */
export interface DeviceMemory {
  /** Copies tensors of the host to the device. */
  upload(feeds: Feeds): Promise<DeviceFeeds>;
  zeros(rows: number, positions: number): Promise<CacheBlock>;
  /** A copy of rows, each cut or lengthened with zeros to so many positions. */
  gather(places: readonly CachePlace[], positions: number): Promise<CacheBlock>;
  release(): Promise<void>;
}

export function createDeviceMemory(config: ModelConfig, options: DeviceOptions): DeviceMemory {
  const width = config.keyValueHeads * config.headSize;
  const names = Array.from({ length: 2 * config.layers }, (_, i) => `cache.${i}`);
  const functions = createFunctions(options);

  const run = async (key: string, build: () => Graph, inputs: Inputs, rows: number, positions: number) => {
    const made = await (await functions.get(key, build)).run(inputs);
    return { rows, positions, tensors: names.map((name) => made[name]!) };
  };

  return {
    async upload(feeds) {
      const entries = Object.entries(feeds);
      if (entries.length === 0) return {};
      const copies = await functions.get(copyKey(feeds), () => copyGraph(feeds));
      const made = await copies.run(feeds);
      return Object.fromEntries(entries.map(([name]) => [name, made[`copy.${name}`]!]));
    },
    zeros: (rows, positions) =>
      run('zeros', () => zerosGraph(names, width), { shape: integers([rows, positions, width]) }, rows, positions),
    gather(places, positions) {
      const parts = partsOf(places);
      const inputs: Inputs = { end: integers([positions]) };
      for (const [part, { block, rows }] of parts.entries()) {
        const added = positions - Math.min(block.positions, positions);
        inputs[`rows.${part}`] = integers(rows);
        inputs[`pads.${part}`] = integers([0, 0, 0, 0, added, 0]);
        for (const [i, name] of names.entries()) inputs[`${name}.${part}`] = block.tensors[i]!;
      }
      const build = () => gatherGraph(names, width, parts.length);
      return run(`gather ${parts.length}`, build, inputs, places.length, positions);
    },
    release: functions.release,
  };
}

/** Frees tensors of the device. */
export function disposeOf(tensors: DeviceFeeds): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}

/** Graphs by key, loaded when first asked for, and kept: what a session made can be disposed of only while it is there. */
function createFunctions(options: DeviceOptions) {
  const made = new Map<string, Promise<DeviceFunction>>();
  return {
    get(key: string, build: () => Graph): Promise<DeviceFunction> {
      const loaded = made.get(key) ?? createDeviceFunction(build().encode(), options);
      made.set(key, loaded);
      return loaded;
    },
    async release() {
      for (const loaded of await Promise.all(made.values())) await loaded.release();
      made.clear();
    },
  };
}

/** Rows that follow each other in the same block, together. */
function partsOf(places: readonly CachePlace[]): { block: CacheBlock; rows: number[] }[] {
  const parts: { block: CacheBlock; rows: number[] }[] = [];
  for (const { block, row } of places) {
    const last = parts.at(-1);
    if (last?.block === block) last.rows.push(row);
    else parts.push({ block, rows: [row] });
  }
  return parts;
}

function copyKey(feeds: Feeds): string {
  return Object.entries(feeds)
    .map(([name, { type, dims }]) => `copy ${name} ${type} ${dims.length}`)
    .join();
}

function copyGraph(feeds: Feeds): Graph {
  const graph = new Graph();
  for (const [name, { dims, type }] of Object.entries(feeds)) {
    const shape = dims.map((_, axis) => `${name}.${axis}`);
    graph.output(`copy.${name}`, graph.input(name, shape, type));
  }
  return graph;
}

function zerosGraph(names: readonly string[], width: number): Graph {
  const graph = new Graph();
  const shape = graph.input('shape', [3], 'int64');
  // ConstantOfShape would fill them in the host's memory.
  const filled = () => graph.node('Expand', [graph.scalar(0), shape], ['rows', 'positions', width]);
  for (const name of names) graph.output(name, filled());
  return graph;
}

function gatherGraph(names: readonly string[], width: number, parts: number): Graph {
  const graph = new Graph();
  const end = graph.input('end', [1], 'int64');
  const inputs = Array.from({ length: parts }, (_, part) => ({
    part,
    rows: graph.input(`rows.${part}`, [`rows.${part}`], 'int64'),
    pads: graph.input(`pads.${part}`, [6], 'int64'),
  }));
  for (const name of names) {
    const taken = inputs.map(({ part, rows, pads }): Value => {
      const from = graph.input(`${name}.${part}`, [`from.${part}`, `positions.${part}`, width]);
      const chosen = graph.node('Gather', [from, rows], [`rows.${part}`, `positions.${part}`, width]);
      const bounds = [graph.integers([0]), end, graph.integers([1])];
      const cut = graph.node('Slice', [chosen, ...bounds], [`rows.${part}`, `cut.${part}`, width]);
      return graph.node('Pad', [cut, pads], [`rows.${part}`, 'positions', width]);
    });
    const axis = { attributes: { axis: { int: 0 } } };
    graph.output(name, parts === 1 ? taken[0]! : graph.node('Concat', taken, ['rows', 'positions', width], axis));
  }
  return graph;
}

function integers(values: readonly number[]): HostTensor {
  return { type: 'int64', dims: [values.length], data: BigInt64Array.from(values, BigInt) };
}
