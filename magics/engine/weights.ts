import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import type { ModelConfig } from './config.ts';
import type { ModelFamily, ParameterSpec } from './families/family.ts';
import { familyOf } from './families/index.ts';
import { parseJson } from './parse-json.ts';
import { isReadable, locateTensors, type TensorLocation, unsupportedDtype } from './safetensors.ts';

/**
 * Where each weight of a model lies, in model.safetensors or its shards, which are neither read whole nor converted.
 * UserError that names file and tensor if one is missing, misshapen, of a type that cannot be read, or has no place in
 * the model that config.json describes.
 */
export async function locateWeights(folder: string, config: ModelConfig): Promise<Map<string, TensorLocation>> {
  const located = await locateAll(folder);
  const family = familyOf(config.architecture)!;
  const parameters = family.parameters(config);
  const saved = isSavedWithoutHead(located, parameters, family) ? withPrefix(located, family.prefix) : located;
  const weights = new Map<string, TensorLocation>();
  for (const { name, shape } of parameters) {
    const location = saved.get(name);
    if (location === undefined) throw missingWeight(folder, name, [...saved.keys()]);
    if (location.shape.join() !== shape.join()) throw misshapenWeight(name, location, shape);
    if (!isReadable(location)) throw unsupportedDtype(location.file, name, location.dtype);
    weights.set(name, location);
  }
  const extra = [...saved].find(([name]) => !weights.has(name) && !isIdle(name, config, family));
  if (extra !== undefined) throw extraWeight(extra[0], extra[1].file, config);
  return weights;
}

/** Tensors that a file may hold beside the weights: of other heads, of a tied lm_head, and constants that older versions saved. */
function isIdle(name: string, config: ModelConfig, { prefix }: ModelFamily): boolean {
  if (name === 'lm_head.weight') return config.tiedEmbeddings;
  const isConstant = /\.(rotary_emb\.inv_freq|attn\.bias|attn\.masked_bias)$/.test(name);
  return isConstant || !(name.startsWith(prefix) || name.startsWith('lm_head'));
}

/** Files that hold the model without its head, as `openai-community/gpt2` does, leave out the first part of all names. */
function isSavedWithoutHead(
  located: ReadonlyMap<string, TensorLocation>,
  [first]: readonly ParameterSpec[],
  { prefix }: ModelFamily,
): boolean {
  return !located.has(first!.name) && located.has(first!.name.slice(prefix.length));
}

function withPrefix(located: ReadonlyMap<string, TensorLocation>, prefix: string): Map<string, TensorLocation> {
  return new Map([...located].map(([name, location]) => [name === 'lm_head.weight' ? name : prefix + name, location]));
}

async function locateAll(folder: string): Promise<Map<string, TensorLocation>> {
  const located = new Map<string, TensorLocation>();
  const shards = await readShards(folder);
  for (const [file, promised] of shards) {
    const tensors = await locateTensors(file);
    const lacking = promised.find((name) => !tensors.has(name));
    if (lacking !== undefined) throw missingFromShard(file, lacking);
    for (const [name, location] of tensors) located.set(name, location);
  }
  return located;
}

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/** The files that hold the weights, with the names of the tensors that the index promises in each. */
async function readShards(folder: string): Promise<Map<string, string[]>> {
  const single = path.join(folder, 'model.safetensors');
  if (existsSync(single)) return new Map([[single, []]]);
  const index = `${single}.index.json`;
  if (!existsSync(index)) throw noWeights(folder);
  const parsed = indexSchema.safeParse(parseJson(index, await readFile(index, 'utf8')));
  if (!parsed.success) throw brokenIndex(index, z.prettifyError(parsed.error));
  const shards = new Map<string, string[]>();
  for (const [name, shard] of Object.entries(parsed.data.weight_map)) {
    if (path.basename(shard) !== shard) throw brokenIndex(index, `"${shard}" is not the name of a file beside it`);
    const file = path.join(folder, shard);
    shards.set(file, [...(shards.get(file) ?? []), name]);
  }
  return shards;
}

function noWeights(folder: string): UserError {
  const others = ['pytorch_model.bin', 'pytorch_model.bin.index.json', 'consolidated.00.pth', 'model.gguf'];
  const other = others.find((name) => existsSync(path.join(folder, name)));
  const hint = other === undefined ? '' : ` It has ${other}: save the model as safetensors first.`;
  return new UserError(
    `${folder} holds no weights: neither model.safetensors nor model.safetensors.index.json.${hint}`,
  );
}

function brokenIndex(file: string, reason: string): UserError {
  return new UserError(`${file} is not an index of safetensors files: ${reason}. Download or save it again.`);
}

function missingFromShard(file: string, name: string): UserError {
  return new UserError(
    `${file} lacks the tensor "${name}", which the index says it holds. Download or save the model again.`,
  );
}

function missingWeight(folder: string, name: string, present: readonly string[]): UserError {
  const quantized = present.find((other) => /\.(qweight|weight_packed|absmax|SCB)$/.test(other));
  const hint =
    quantized === undefined
      ? 'Download or save the model again, or use the config.json that belongs to it.'
      : `It holds "${quantized}": quantized weights are not supported, use the model they were made from.`;
  return new UserError(`The weights in ${folder} lack the tensor "${name}", which config.json calls for. ${hint}`);
}

function misshapenWeight(name: string, { file, shape }: TensorLocation, expected: readonly number[]): UserError {
  return new UserError(
    `Tensor "${name}" in ${file} has the shape [${shape}], but config.json calls for [${expected}].`,
  );
}

function extraWeight(name: string, file: string, { architecture }: ModelConfig): UserError {
  return new UserError(
    `Tensor "${name}" in ${file} has no place in the ${architecture} that config.json describes: without it the model ` +
      'would compute something else. Use the config.json that belongs to the weights.',
  );
}
