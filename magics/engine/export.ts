import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.ts';
import type { ModelConfig } from './config.ts';
import { adapterNames, adapterScale, mergeAdapter, moduleOf } from './lora.ts';
import { type Tensor, writeSafetensors } from './safetensors.ts';
import type { AdapterOptions } from './types.ts';

type TensorMap = ReadonlyMap<string, Tensor>;

interface SavedModel {
  config: ModelConfig;
  /** Folder that the model came from: its tokenizer and generation settings are copied. */
  sourceFolder: string;
  weights: TensorMap;
  adapter?: { options: AdapterOptions; tensors: TensorMap };
  dtype?: 'float32' | 'float16';
}

/** Writes an adapter in PEFT's layout: adapter_config.json and adapter_model.safetensors. UserError without an adapter. */
export async function saveAdapter(
  folder: string,
  baseModelName: string,
  adapter: AdapterOptions | undefined,
  tensors: TensorMap,
): Promise<void> {
  if (adapter === undefined)
    throw new UserError('There is no adapter to save: all weights were trained. Save the model.');
  const config = {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: baseModelName,
    r: adapter.rank,
    lora_alpha: adapter.alpha,
    lora_dropout: adapter.dropout,
    target_modules: adapter.targetModules,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    modules_to_save: null,
    revision: null,
  };
  await mkdir(folder, { recursive: true });
  await writeJson(path.join(folder, 'adapter_config.json'), config);
  await writeSafetensors(path.join(folder, 'adapter_model.safetensors'), tensors);
}

/** Writes a model in Hugging Face's layout, its adapter merged into the weights; the tokenizer is copied along. */
export async function saveModel(folder: string, model: SavedModel): Promise<void> {
  const { config, sourceFolder, weights, adapter, dtype = 'float32' } = model;
  await mkdir(folder, { recursive: true });
  await writeJson(path.join(folder, 'config.json'), { ...config.json, torch_dtype: dtype });
  await writeJson(path.join(folder, 'generation_config.json'), generationConfig(config));
  if (path.resolve(folder) !== path.resolve(sourceFolder)) await copyCompanions(sourceFolder, folder);
  const merged = adapter === undefined ? weights : mergeAll(weights, adapter);
  await writeSafetensors(path.join(folder, 'model.safetensors'), merged, { dtype });
}

function mergeAll(weights: TensorMap, { options, tensors }: NonNullable<SavedModel['adapter']>): TensorMap {
  return new Map(
    [...weights].map(([name, weight]) => {
      const names = adapterNames(moduleOf(name));
      const a = tensors.get(names.a);
      const b = tensors.get(names.b);
      return [name, a && b ? mergeAdapter(weight, a, b, adapterScale(options)) : weight];
    }),
  );
}

const companions = [
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'chat_template.jinja',
  'tokenizer.model',
  'vocab.json',
  'merges.txt',
];

/** Copies the files that make a model usable beside its weights, as far as they are there. */
async function copyCompanions(from: string, to: string): Promise<void> {
  for (const name of companions) {
    await copyFile(path.join(from, name), path.join(to, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}

function generationConfig({ json, eosTokenIds }: ModelConfig): object {
  return { bos_token_id: json.bos_token_id, eos_token_id: eosTokenIds.length === 1 ? eosTokenIds[0] : eosTokenIds };
}

async function writeJson(file: string, value: object): Promise<void> {
  await writeFile(file, `${JSON.stringify(value, null, 2)}\n`);
}
