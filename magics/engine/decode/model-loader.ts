import type { ModelConfig } from '../config.ts';
import { createSession, type SessionOptions } from '../session.ts';
import { type LoraMatrices, stackAdapters } from './adapters.ts';
import { createHostCache, type KeyValueCache } from './cache.ts';
import { createDeviceLoader } from './device-loader.ts';
import { buildDecodeGraph } from './graph.ts';
import { hasExactInt8Products } from './int8-products.ts';
import type { LoadedWeights } from './loaded-weights.ts';
import { createDecodeModel, type DecodeModel } from './model.ts';
import { rotateMatrices } from './rotated-matrix.ts';

/** Holds the decoding graph for the adapters that are loaded; the caches outlive a change of them. */
export interface ModelLoader {
  readonly cache: KeyValueCache;
  /** The graph as it was loaded last. */
  readonly model: DecodeModel;
  /** Loads the graph with these adapters, in the order of their places from 1 on. */
  load(adapters: readonly LoraMatrices[]): Promise<void>;
  release(): Promise<void>;
}

export function createModelLoader(config: ModelConfig, weights: LoadedWeights, options: SessionOptions): ModelLoader {
  return options.device === 'webgpu'
    ? createDeviceLoader(config, weights, options)
    : createHostLoader(config, weights, options);
}

function createHostLoader(config: ModelConfig, weights: LoadedWeights, options: SessionOptions): ModelLoader {
  const cache = createHostCache(config);
  let current: DecodeModel | undefined;
  const is4Bit = [...weights.quantized.values()].some(({ bits }) => bits === 4);
  const buildFor = (adaptedGroups: ReadonlySet<string>, arithmetic: 'int8' | 'float32', held = weights) =>
    buildDecodeGraph(config, { weights: held, arithmetic, adaptedGroups, attention: 'fused' });

  /** Made anew for each session rather than kept: it takes more memory than the four bits that it comes from. */
  const graphForMany = async (adaptedGroups: ReadonlySet<string>): Promise<Uint8Array> => {
    const isFaster = options.device === 'cpu' && (await hasExactInt8Products());
    const rotated = isFaster ? await rotateMatrices(weights.quantized, options) : undefined;
    return buildFor(adaptedGroups, 'float32', { ...weights, rotated }).model;
  };
  return {
    cache,
    get model() {
      return current!;
    },
    async load(adapters) {
      const stacked = stackAdapters(config, adapters);
      const adaptedGroups = stacked.groups;
      const { model, rotaryTables } = buildFor(adaptedGroups, 'int8');
      const [few, forMany] = await Promise.all([
        createSession(model, options),
        is4Bit ? graphForMany(adaptedGroups) : undefined,
      ]);
      const many = forMany === undefined ? few : await createSession(forMany, options);
      await current?.release();
      current = createDecodeModel(config, { few, many }, rotaryTables, stacked, cache);
    },
    release: async () => current?.release(),
  };
}
