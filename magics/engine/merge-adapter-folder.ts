import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { readAdapter } from './adapter-folder.ts';
import { readModelConfig } from './config.ts';
import { copyCompanions, saveModel } from './export.ts';
import { familyOf } from './families/index.ts';
import { adapterNames, mergeAdapter, moduleOf } from './lora.ts';
import { readTensor, type Tensor } from './safetensors.ts';
import { locateWeights } from './weights.ts';

/**
 * Writes the model that an adapter in PEFT's layout makes of its base, in Hugging Face's layout and float32, with the
 * adapter's own tokenizer where it has one. `folder` appears whole or not at all. UserError if they do not fit.
 */
export async function mergeAdapterFolder(baseFolder: string, adapterFolder: string, folder: string): Promise<void> {
  const config = await readModelConfig(baseFolder);
  const { linearLayout } = familyOf(config.architecture)!;
  const { tensors, scales } = await readAdapter(adapterFolder, config);
  const weights = new Map<string, Tensor>();
  for (const [name, location] of await locateWeights(baseFolder, config)) {
    const weight = await readTensor(name, location);
    const module = moduleOf(name);
    const scale = scales.get(module);
    const { a, b } = adapterNames(module);
    weights.set(
      name,
      scale === undefined ? weight : mergeAdapter(weight, tensors.get(a)!, tensors.get(b)!, scale, linearLayout),
    );
  }
  const temporary = `${folder}.${randomUUID()}.tmp`;
  try {
    await mkdir(temporary, { recursive: true });
    await saveModel(temporary, { config, sourceFolder: baseFolder, weights });
    await copyCompanions(adapterFolder, temporary);
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
