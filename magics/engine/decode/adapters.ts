import type { ModelConfig } from '../config.ts';
import { adapterNames } from '../lora.ts';
import type { Tensor } from '../safetensors.ts';
import { type Feeds, zeros } from '../tensor.ts';
import { adapterInputs } from './fused-linear.ts';
import { type LinearGroup, type LinearMember, linearGroups } from './linear-groups.ts';

/** A LoRA's matrices by PEFT's names, and the factor of B A for each module that it adapts. */
export interface LoraMatrices {
  tensors: ReadonlyMap<string, Tensor>;
  scales: ReadonlyMap<string, number>;
}

/** Inputs of the decoding graph that hold several adapters at once; place 0 is none of them. */
export interface AdapterTensors {
  /** Names of the groups of linear modules that an adapter changes. */
  groups: ReadonlySet<string>;
  feeds: Feeds;
}

/** Stacks adapters, of whatever modules and ranks: what an adapter lacks is zero. */
export function stackAdapters(config: ModelConfig, adapters: readonly LoraMatrices[]): AdapterTensors {
  const groups = linearGroups(config).filter(({ modules }) =>
    modules.some(({ name }) => adapters.some(({ scales }) => scales.has(name))),
  );
  const feeds = Object.assign({}, ...groups.map((group) => stackGroup(group, adapters))) as Feeds;
  return { groups: new Set(groups.map(({ name }) => name)), feeds };
}

/**
 * A [adapters + 1, input, ranks] and B [adapters + 1, ranks, outputs] of one group: the modules' ranks lie side by side,
 * and B is zero where one module's ranks meet another's outputs.
 */
function stackGroup({ name, modules }: LinearGroup, adapters: readonly LoraMatrices[]): Feeds {
  const rankOf = (adapter: LoraMatrices, module: LinearMember) =>
    adapter.tensors.get(adapterNames(module.name).a)?.shape[0] ?? 0;
  const ranks = modules.map((module) => Math.max(...adapters.map((adapter) => rankOf(adapter, module))));
  const [rank, output] = [sum(ranks), sum(modules.map((module) => module.output))];
  const { input } = modules[0]!;
  const a = zeros('float32', [adapters.length + 1, input, rank]);
  const b = zeros('float32', [adapters.length + 1, rank, output]);
  for (const [place, { tensors, scales }] of adapters.entries()) {
    for (const [i, module] of modules.entries()) {
      const names = adapterNames(module.name);
      const [down, up] = [tensors.get(names.a), tensors.get(names.b)];
      if (down === undefined || up === undefined) continue;
      const [firstRank, firstOutput] = [sum(ranks.slice(0, i)), sum(modules.slice(0, i).map((one) => one.output))];
      const scale = scales.get(module.name)!;
      const own = down.shape[0]!;
      for (let r = 0; r < own; r++) {
        for (let k = 0; k < input; k++) {
          a.data[((place + 1) * input + k) * rank + firstRank + r] = down.data[r * input + k]!;
        }
        for (let o = 0; o < module.output; o++) {
          b.data[((place + 1) * rank + firstRank + r) * output + firstOutput + o] = scale * up.data[o * own + r]!;
        }
      }
    }
  }
  const inputs = adapterInputs(name);
  return { [inputs.a]: a, [inputs.b]: b };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
