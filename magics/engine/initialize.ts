import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseModelConfig } from './config.ts';
import type { ParameterSpec } from './families/family.ts';
import { familyOf } from './families/index.ts';
import { elementCount } from './graph.ts';
import { randomStream } from './random.ts';
import { type Tensor, writeSafetensors } from './safetensors.ts';

/**
 * Writes a new, untrained model: `config` (the contents of a config.json) and its random weights as model.safetensors.
 * The same config and seed give the same bytes. UserError for a config that the engine does not support.
 */
export async function initializeModel(
  folder: string,
  config: Readonly<Record<string, unknown>>,
  seed: number,
): Promise<void> {
  const parsed = parseModelConfig(config);
  const weights = new Map<string, Tensor>();
  for (const spec of familyOf(parsed.architecture)!.parameters(parsed)) weights.set(spec.name, draw(spec, seed));
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
  await writeSafetensors(path.join(folder, 'model.safetensors'), weights);
}

function draw({ name, shape, initial }: ParameterSpec, seed: number): Tensor {
  const data = new Float32Array(elementCount(shape));
  if (initial === 'ones') return { shape, data: data.fill(1) };
  if (initial === 0) return { shape, data };
  const random = randomStream(seed, name);
  for (let i = 0; i < data.length; i++) data[i] = random.normal() * initial;
  return { shape, data };
}
