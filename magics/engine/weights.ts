import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.ts';
import type { ModelConfig } from './config.ts';
import { familyOf } from './families/index.ts';
import { isReadable, locateTensors, type TensorLocation, unsupportedDtype } from './safetensors.ts';

/** Where each weight of a model lies, in model.safetensors or its shards. UserError if one is missing, misshapen or not of a floating-point type that can be read. */
export async function locateWeights(folder: string, config: ModelConfig): Promise<Map<string, TensorLocation>> {
  const located = new Map<string, TensorLocation>();
  for (const file of await weightFiles(folder)) {
    for (const [name, location] of await locateTensors(file)) located.set(name, location);
  }
  const weights = new Map<string, TensorLocation>();
  for (const { name, shape } of familyOf(config.architecture)!.parameters(config)) {
    const location = located.get(name);
    if (location === undefined) throw missingWeight(folder, name);
    if (location.shape.join() !== shape.join()) throw misshapenWeight(name, location, shape);
    if (!isReadable(location)) throw unsupportedDtype(location.file, name, location.dtype);
    weights.set(name, location);
  }
  return weights;
}

async function weightFiles(folder: string): Promise<string[]> {
  const single = path.join(folder, 'model.safetensors');
  if (existsSync(single)) return [single];
  const index = path.join(folder, 'model.safetensors.index.json');
  if (!existsSync(index)) throw new UserError(`${folder} holds no weights: neither model.safetensors nor its index.`);
  const { weight_map: shards } = JSON.parse(await readFile(index, 'utf8')) as { weight_map: Record<string, string> };
  return [...new Set(Object.values(shards))].map((file) => path.join(folder, file));
}

function missingWeight(folder: string, name: string): UserError {
  return new UserError(`The weights in ${folder} lack the tensor "${name}", which config.json calls for.`);
}

function misshapenWeight(name: string, { file, shape }: TensorLocation, expected: readonly number[]): UserError {
  return new UserError(
    `Tensor "${name}" in ${file} has the shape [${shape}], but config.json calls for [${expected}].`,
  );
}
