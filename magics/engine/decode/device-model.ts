import type { DeviceSession } from '../device-session.ts';
import type { DeviceFeeds, HostTensor } from '../tensor.ts';
import { pastNames, presentNames } from './attention.ts';
import { named } from './cache.ts';
import type { DeviceCache } from './device-cache.ts';
import { type DeviceMemory, disposeOf } from './device-memory.ts';
import type { RotaryTable } from './graph.ts';
import type { DecodeModel } from './model.ts';
import { fill, longest, type RowInput, tablesFor, tokenInputs } from './token-inputs.ts';

export interface DeviceModelParts {
  /** The same graph for runs of few positions and of many. */
  few: DeviceSession;
  many: DeviceSession;
  memory: DeviceMemory;
  cache: DeviceCache;
  rotaryTables: readonly RotaryTable[];
  weights: DeviceFeeds;
  /** The adapters' matrices, which the model disposes of. */
  adapters: DeviceFeeds;
}

/** Up to so many positions Einsum is the faster product: a row's next token, and a guess of those after it. */
const fewPositions = 9;

/** The decoding graph on a graphics device: tokens go there, what is asked of their logits comes back, and all else stays. */
export function createDeviceModel({
  few,
  many,
  memory,
  cache,
  rotaryTables,
  weights,
  adapters,
}: DeviceModelParts): DecodeModel {
  const names = new Set(few.inputNames);
  let rotary: { positions: number; feeds: DeviceFeeds } = { positions: 0, feeds: {} };

  const rotaryFeeds = async (positions: number): Promise<DeviceFeeds> => {
    if (rotary.positions < positions) {
      const feeds = await memory.upload(tablesFor(rotaryTables, positions));
      disposeOf(rotary.feeds);
      rotary = { positions, feeds };
    }
    return rotary.feeds;
  };

  const run = async (
    first: number,
    rows: readonly RowInput[],
    selected: readonly number[],
    outputs: readonly string[],
  ) => {
    const tokens = longest(rows);
    const inputs = tokenInputs(rows.length, tokens, selected.length);
    fill(inputs, rows, tokens, selected);
    const block = await cache.claim(first, rows);
    const [past, present] = [named(block.tensors, pastNames), named(block.tensors, presentNames)];
    const all = { ...weights, ...adapters, ...(await rotaryFeeds(block.positions)), ...past, ...inputs };
    const used = Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
    const session = rows.length * tokens <= fewPositions ? few : many;
    return session.run(used, outputs, present);
  };

  return {
    cache,
    async run(first, rows, selected, needsAll) {
      const wanted = ['best', 'best_log_probability', ...(needsAll ? ['logits'] : [])];
      const outputs = await run(first, rows, selected, wanted);
      const dataOf = <Data>(tensor: HostTensor | undefined) => tensor!.data as Data;
      return {
        all: needsAll ? dataOf<Float32Array>(outputs.logits) : new Float32Array(),
        best: dataOf<BigInt64Array>(outputs.best),
        bestLogProbability: dataOf<Float32Array>(outputs.best_log_probability),
      };
    },
    async hiddenStates(first, rows) {
      // The graph computes the logits of at least one position.
      const { hidden } = await run(first, rows, [0], ['hidden']);
      return hidden!.data as Float32Array;
    },
    async release() {
      disposeOf(rotary.feeds);
      disposeOf(adapters);
      await few.release();
      await many.release();
    },
  };
}
