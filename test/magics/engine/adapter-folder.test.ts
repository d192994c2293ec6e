import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { isAdapterFolder } from '../../../magics/engine/adapter-config.ts';
import { readAdapter } from '../../../magics/engine/adapter-folder.ts';
import { readModelConfig } from '../../../magics/engine/config.ts';
import { readSafetensors, writeSafetensors } from '../../../magics/engine/safetensors.ts';
import { createTrainer } from '../../../magics/engine/trainer.ts';
import type { AdapterOptions } from '../../../magics/engine/types.ts';
import { temporaryFolder } from './families/golden-model.ts';
import { optimizer } from './tiny-model.ts';

const golden = 'test/golden/families';
const names = ['llama', 'gpt2'];

/** A copy of PEFT's adapter for a golden model, with some keys of its config changed. */
async function adapterWith(name: string, changes: Record<string, unknown>): Promise<string> {
  const folder = await temporaryFolder();
  await cp(path.join(golden, name, 'adapter'), folder, { recursive: true });
  const file = path.join(folder, 'adapter_config.json');
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...changes }));
  return folder;
}

async function read(name: string, folder: string) {
  return readAdapter(folder, await readModelConfig(path.join(golden, name)));
}

async function adapterTrainer(name: string, adapter: Partial<AdapterOptions>) {
  const modelFolder = path.join(golden, name);
  const targetModules = JSON.parse(await readFile(path.join(modelFolder, 'adapter/adapter_config.json'), 'utf8'));
  const options = { rank: 2, alpha: 6, dropout: 0, targetModules: targetModules.target_modules, ...adapter };
  return createTrainer({ modelFolder, optimizer, seed: 1, device: 'cpu', threads: 1, adapter: options });
}

describe.each(names)("an adapter for %s in PEFT's layout", (name) => {
  const reference = path.join(golden, name, 'adapter');

  it("is written as PEFT writes it: the same tensors in name, shape and type, and PEFT's own values for the keys", async () => {
    const trainer = await adapterTrainer(name, { initialFolder: reference });
    const folder = await temporaryFolder();
    await trainer.saveAdapter(folder, 'some/base');
    await trainer.dispose();
    const sorted = async (file: string) => [...(await readSafetensors(file))].sort(([a], [b]) => (a < b ? -1 : 1));
    const file = 'adapter_model.safetensors';
    expect(await sorted(path.join(folder, file))).toEqual(await sorted(path.join(reference, file)));
    const json = async (from: string) => JSON.parse(await readFile(path.join(from, 'adapter_config.json'), 'utf8'));
    const [written, expected] = [await json(folder), await json(reference)];
    expect(written).toEqual({
      ...Object.fromEntries(Object.keys(written).map((key) => [key, expected[key]])),
      base_model_name_or_path: 'some/base',
    });
  });

  it('is read with the scale alpha / rank, by patterns too, and alpha / sqrt(rank) for rsLoRA', async () => {
    const scalesOf = async (changes: Record<string, unknown>) =>
      (await read(name, await adapterWith(name, changes))).scales;
    expect(new Set((await scalesOf({})).values())).toEqual(new Set([3]));
    expect(new Set((await scalesOf({ use_rslora: true })).values())).toEqual(new Set([6 / Math.sqrt(2)]));
    const module = [...(await scalesOf({})).keys()][0]!;
    const scales = await scalesOf({ alpha_pattern: { [module.split('.').slice(2).join('.')]: 10 } });
    expect(scales.get(module)).toBe(5);
    expect([...scales.values()].filter((scale) => scale === 5)).toHaveLength(1);
  });
});

describe('an adapter folder', () => {
  it('is told from a model folder', () => {
    expect(isAdapterFolder(path.join(golden, 'llama/adapter'))).toBe(true);
    expect(isAdapterFolder(path.join(golden, 'llama'))).toBe(false);
  });

  it.each([
    [{ peft_type: 'IA3' }, /only LoRA adapters are supported.*peft_type/s],
    [{ use_dora: true }, /DoRA is not supported/],
    [{ bias: 'all' }, /trained biases are not supported/],
    [{ modules_to_save: ['lm_head'] }, /modules trained in full .* not supported/],
    [{ init_lora_weights: 'pissa' }, /changes the base weights; convert the adapter/],
    [{ alpha_pattern: { '^model.*q_proj': 4 } }, /regular expressions in patterns are not supported/],
    [{ r: 0 }, /adapter_config.json cannot be used.* r/s],
    [{ r: 4 }, /lora_A.weight" in .* has the shape \[2,32\], .* call for \[4,32\]/],
  ])('with %j is refused', async (changes, message) => {
    await expect(adapterWith('llama', changes).then((folder) => read('llama', folder))).rejects.toThrow(message);
  });

  it('of another model is refused with the tensor that does not fit', async () => {
    await expect(read('llama', path.join(golden, 'gpt2/adapter'))).rejects.toThrow(
      /transformer.h.0.*fits no linear module of this LlamaForCausalLM, whose layers have q_proj, k_proj/s,
    );
  });

  it('with half a pair, no matrices or broken JSON is refused', async () => {
    const folder = await adapterWith('llama', {});
    const file = path.join(folder, 'adapter_model.safetensors');
    const tensors = await readSafetensors(file);
    const [first] = tensors.keys();
    await writeSafetensors(file, new Map([...tensors].filter(([name]) => name !== first)));
    await expect(read('llama', folder)).rejects.toThrow(`lacks the tensor "${first}", the other half of its pair`);
    await writeSafetensors(file, new Map());
    await expect(read('llama', folder)).rejects.toThrow(/holds no LoRA matrices/);
    await writeFile(path.join(folder, 'adapter_config.json'), '{');
    await expect(read('llama', folder)).rejects.toThrow(/adapter_config.json is not valid JSON/);
    await expect(read('llama', '/nowhere')).rejects.toThrow(/not an adapter folder in PEFT's layout/);
  });

  it('is refused as a start of training with another rank, scale or other modules', async () => {
    const initialFolder = path.join(golden, 'llama/adapter');
    for (const change of [{ rank: 4 }, { alpha: 2 }, { targetModules: ['q_proj'] }]) {
      await expect(adapterTrainer('llama', { initialFolder, ...change })).rejects.toThrow(
        /is another one than training/,
      );
    }
  });
});

describe('target modules', () => {
  it('are named by the last parts of their names, or all at once', async () => {
    const parametersOf = async (name: string, targetModules: string[]) => {
      const trainer = await adapterTrainer(name, { targetModules });
      await trainer.dispose();
      return trainer.trainableParameters;
    };
    expect(await parametersOf('gpt2', ['mlp.c_proj'])).toBe(2 * 2 * (64 + 32));
    expect(await parametersOf('gpt2', ['all-linear'])).toBe(2 * 2 * (32 + 96 + 32 + 32 + 32 + 64 + 64 + 32));
    await expect(parametersOf('gpt2', ['q_proj'])).rejects.toThrow(
      /No module "q_proj" .* GPT2LMHeadModel. Valid target modules: c_attn, c_proj, c_fc, or all-linear/,
    );
  });
});
