import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.ts';
import { adapterConfigFile, readAdapterConfig, valueFor } from './adapter-config.ts';
import type { ModelConfig } from './config.ts';
import { familyOf } from './families/index.ts';
import { isCommit } from './hub/reference.ts';
import {
  adaptedModules,
  adapterNames,
  adapterScale,
  initializeAdapter,
  type LinearModule,
  linearModules,
} from './lora.ts';
import { readSafetensors, type Tensor, writeSafetensors } from './safetensors.ts';
import type { AdapterOptions } from './types.ts';

/** A LoRA as PEFT saves it: its matrices by PEFT's names, and each module's alpha / rank. */
export interface SavedAdapter {
  tensors: ReadonlyMap<string, Tensor>;
  /** Full names of the adapted modules, with the factor of B A. */
  scales: ReadonlyMap<string, number>;
  baseModelName?: string;
}

/** Writes an adapter in PEFT's layout: adapter_config.json and adapter_model.safetensors. */
export async function saveAdapter(
  folder: string,
  {
    config,
    baseModelName,
    options,
    tensors,
  }: {
    config: ModelConfig;
    baseModelName: string;
    options: AdapterOptions;
    tensors: ReadonlyMap<string, Tensor>;
  },
): Promise<void> {
  const lastParts = adaptedModules(config, options.targetModules).map(({ name }) => name.split('.').at(-1)!);
  const targets = options.targetModules.includes('all-linear') ? [...new Set(lastParts)] : options.targetModules;
  // A model of the hub is named by its repository, with the commit beside it.
  const [repository = '', commit = ''] = baseModelName.split('@');
  const isHub = isCommit(commit);
  const adapterConfig = {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: isHub ? repository : baseModelName,
    r: options.rank,
    lora_alpha: options.alpha,
    lora_dropout: options.dropout,
    target_modules: targets,
    bias: 'none',
    fan_in_fan_out: familyOf(config.architecture)!.linearLayout === 'input-output',
    inference_mode: true,
    init_lora_weights: true,
    modules_to_save: null,
    revision: isHub ? commit : null,
  };
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, adapterConfigFile), `${JSON.stringify(adapterConfig, null, 2)}\n`);
  await writeSafetensors(path.join(folder, weightsFile), tensors);
}

/**
 * Reads an adapter that PEFT (or `saveAdapter`) wrote for a model of `config`. UserError that names the file and the key
 * or tensor if it is broken, belongs to another model, or is of a kind that is not a plain LoRA.
 */
export async function readAdapter(folder: string, config: ModelConfig): Promise<SavedAdapter> {
  const fields = await readAdapterConfig(folder);
  const file = path.join(folder, weightsFile);
  const saved = await readSafetensors(file);
  const tensors = new Map<string, Tensor>();
  const scales = new Map<string, number>();
  for (const module of linearModules(config)) {
    const names = adapterNames(module.name);
    const [a, b] = [saved.get(names.a), saved.get(names.b)];
    if (a === undefined && b === undefined) continue;
    const rank = valueFor(module.name, fields.rank_pattern) ?? fields.r;
    tensors.set(names.a, checkShape(file, names.a, a, [rank, module.input]));
    tensors.set(names.b, checkShape(file, names.b, b, [module.output, rank]));
    const alpha = valueFor(module.name, fields.alpha_pattern) ?? fields.lora_alpha;
    scales.set(module.name, alpha / (fields.use_rslora ? Math.sqrt(rank) : rank));
  }
  const foreign = [...saved.keys()].find((name) => !tensors.has(name));
  if (foreign !== undefined) throw foreignAdapterTensor(file, foreign, config, linearModules(config));
  if (scales.size === 0) throw emptyAdapter(file);
  return { tensors, scales, baseModelName: fields.base_model_name_or_path ?? undefined };
}

/**
 * The adapter that training starts from: a new one, or `initialFolder`'s. UserError if that one has other modules, another
 * rank or another scale than the options say.
 */
export async function startAdapter(
  config: ModelConfig,
  options: AdapterOptions,
  seed: number,
): Promise<ReadonlyMap<string, Tensor>> {
  const modules = adaptedModules(config, options.targetModules);
  const fresh = initializeAdapter(modules, options.rank, seed);
  if (options.initialFolder === undefined) return fresh;
  const { tensors, scales } = await readAdapter(options.initialFolder, config);
  const isSame =
    tensors.size === fresh.size &&
    [...fresh].every(([name, { shape }]) => tensors.get(name)?.shape.join() === shape.join()) &&
    [...scales.values()].every((scale) => Math.abs(scale - adapterScale(options)) < 1e-6);
  if (!isSame) throw otherAdapter(options.initialFolder, options);
  return new Map([...fresh.keys()].map((name) => [name, tensors.get(name)!]));
}

export function noAdapter(): UserError {
  return new UserError('There is no adapter to save: all weights were trained. Save the model.');
}

const weightsFile = 'adapter_model.safetensors';

function checkShape(file: string, name: string, tensor: Tensor | undefined, expected: readonly number[]): Tensor {
  if (tensor === undefined) throw new UserError(`${file} lacks the tensor "${name}", the other half of its pair.`);
  if (tensor.shape.join() !== expected.join()) throw misshapenAdapter(file, name, tensor.shape, expected);
  return tensor;
}

function misshapenAdapter(
  file: string,
  name: string,
  shape: readonly number[],
  expected: readonly number[],
): UserError {
  return new UserError(
    `Tensor "${name}" in ${file} has the shape [${shape}], but the model and adapter_config.json call for [${expected}]. ` +
      'Use the model that the adapter was trained on.',
  );
}

function foreignAdapterTensor(
  file: string,
  name: string,
  { architecture }: ModelConfig,
  modules: readonly LinearModule[],
): UserError {
  const known = [...new Set(modules.map((module) => module.name.split('.').at(-1)!))].join(', ');
  return new UserError(
    `Tensor "${name}" in ${file} fits no linear module of this ${architecture}, whose layers have ${known}. ` +
      'Use the model that the adapter was trained on.',
  );
}

function emptyAdapter(file: string): UserError {
  return new UserError(`${file} holds no LoRA matrices.`);
}

function otherAdapter(folder: string, { rank, alpha, targetModules }: AdapterOptions): UserError {
  return new UserError(
    `The adapter in ${folder} is another one than training is to go on with: rank ${rank}, alpha ${alpha}, modules ` +
      `${targetModules.join(', ')}. Take the numbers of its adapter_config.json.`,
  );
}
