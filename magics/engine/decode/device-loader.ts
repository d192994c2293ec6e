import type { ModelConfig } from '../config.ts';
import { createDeviceSession, type DeviceOptions } from '../device-session.ts';
import type { DeviceFeeds } from '../tensor.ts';
import { stackAdapters } from './adapters.ts';
import { createDeviceCache } from './device-cache.ts';
import { createDeviceMemory, disposeOf } from './device-memory.ts';
import { createDeviceModel } from './device-model.ts';
import { buildDecodeGraph } from './graph.ts';
import type { LoadedWeights } from './loaded-weights.ts';
import type { DecodeModel } from './model.ts';
import type { ModelLoader } from './model-loader.ts';
import { createWeightInputs } from './weight-inputs.ts';

/**
 * Loads the decoding graphs on a graphics device, where weights, adapters and caches stay. Weights are inputs, copied there
 * once: the graphs for few and for many positions share them, and so do those that follow when adapters change.
 */
export function createDeviceLoader(config: ModelConfig, weights: LoadedWeights, options: DeviceOptions): ModelLoader {
  const memory = createDeviceMemory(config, options);
  const cache = createDeviceCache(config, memory);
  const inputs = createWeightInputs(weights);
  const held: DeviceFeeds = {};
  let current: DecodeModel | undefined;

  /** One after the other: no more than one of them is in the host's memory. */
  const uploadWeights = async (): Promise<void> => {
    for (const [name, read] of inputs.readers) {
      if (held[name] === undefined) held[name] = (await memory.upload({ weight: await read() })).weight!;
    }
  };

  const load = async (products: 'Gemm' | 'Einsum', adaptedGroups: ReadonlySet<string>) => {
    const { model, rotaryTables } = buildDecodeGraph(config, {
      weights,
      weightsOf: inputs.of,
      arithmetic: 'float32',
      products,
      adaptedGroups,
      attention: 'plain',
    });
    return { session: await createDeviceSession(model, options), rotaryTables };
  };

  return {
    cache,
    get model() {
      return current!;
    },
    async load(loras) {
      const stacked = stackAdapters(config, loras);
      const many = await load('Gemm', stacked.groups);
      const few = await load('Einsum', stacked.groups);
      await uploadWeights();
      const adapters = await memory.upload(stacked.feeds);
      await current?.release();
      current = createDeviceModel({
        few: few.session,
        many: many.session,
        rotaryTables: many.rotaryTables,
        memory,
        cache,
        weights: held,
        adapters,
      });
    },
    async release() {
      await current?.release();
      disposeOf(held);
      cache.release();
      await memory.release();
    },
  };
}
