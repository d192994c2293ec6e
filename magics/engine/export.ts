import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ModelConfig } from './config.ts';
import { familyOf } from './families/index.ts';
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

/** Writes a model in Hugging Face's layout, its adapter merged into the weights; the tokenizer is copied along. */
export async function saveModel(folder: string, model: SavedModel): Promise<void> {
  const { config, sourceFolder, weights, adapter, dtype = 'float32' } = model;
  await mkdir(folder, { recursive: true });
  const configText = await readFile(path.join(sourceFolder, 'config.json'), 'utf8');
  await writeFile(path.join(folder, 'config.json'), withDtype(configText, dtype));
  await writeJson(path.join(folder, 'generation_config.json'), generationConfig(config));
  if (path.resolve(folder) !== path.resolve(sourceFolder)) await copyCompanions(sourceFolder, folder);
  const merged = adapter === undefined ? weights : mergeAll(config, weights, adapter);
  await writeSafetensors(path.join(folder, 'model.safetensors'), merged, { dtype });
}

/**
 * The text of config.json with another type of the weights; all else stays to the letter, since Transformers tells 6.0
 * from 6. The key is `dtype`, or `torch_dtype` in older files.
 */
function withDtype(text: string, dtype: string): string {
  const known = /("(?:torch_)?dtype"\s*:\s*)"[^"]*"/;
  if (known.test(text)) return text.replace(known, `$1"${dtype}"`);
  return text.replace(/\s*\}\s*$/, `,\n  "torch_dtype": "${dtype}"\n}\n`);
}

function mergeAll(
  config: ModelConfig,
  weights: TensorMap,
  { options, tensors }: NonNullable<SavedModel['adapter']>,
): TensorMap {
  const { linearLayout } = familyOf(config.architecture)!;
  return new Map(
    [...weights].map(([name, weight]) => {
      const names = adapterNames(moduleOf(name));
      const a = tensors.get(names.a);
      const b = tensors.get(names.b);
      return [name, a && b ? mergeAdapter(weight, a, b, adapterScale(options), linearLayout) : weight];
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
export async function copyCompanions(from: string, to: string): Promise<void> {
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
