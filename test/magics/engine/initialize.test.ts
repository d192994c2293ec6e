import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readModelConfig } from '../../../magics/engine/config.ts';
import { initializeModel } from '../../../magics/engine/initialize.ts';
import { readSafetensors, writeSafetensors } from '../../../magics/engine/safetensors.ts';
import { locateWeights } from '../../../magics/engine/weights.ts';
import { tinyConfig, tinyModel } from './tiny-model.ts';

const weightsOf = (folder: string) => path.join(folder, 'model.safetensors');

describe('new models', () => {
  it('the same seed gives the same bytes, another seed other ones', async () => {
    const bytes = async (seed: number) => readFile(weightsOf(await tinyModel({}, seed)));
    const [first, again, other] = [await bytes(1), await bytes(1), await bytes(2)];
    expect(again.equals(first)).toBe(true);
    expect(other.equals(first)).toBe(false);
  });

  it('weights keep the scale of activations: variance 1 / inputs, norms at 1', async () => {
    const folder = await tinyModel({ hidden_size: 64, intermediate_size: 96 });
    const tensors = await readSafetensors(weightsOf(folder));
    const gate = tensors.get('model.layers.0.mlp.gate_proj.weight')!;
    const variance = gate.data.reduce((sum, x) => sum + x * x, 0) / gate.data.length;
    expect(variance * 64).toBeCloseTo(1, 1);
    expect(new Set(tensors.get('model.norm.weight')!.data)).toEqual(new Set([1]));
    expect(tensors.has('lm_head.weight')).toBe(true);
  });

  it('writes the config as it was given', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'new-model-'));
    await initializeModel(folder, { ...tinyConfig, extra: 'kept' }, 1);
    expect(JSON.parse(await readFile(path.join(folder, 'config.json'), 'utf8'))).toEqual({
      ...tinyConfig,
      extra: 'kept',
    });
  });
});

describe('weights of a model folder', () => {
  it('are found in shards, too', async () => {
    const folder = await tinyModel();
    const tensors = [...(await readSafetensors(weightsOf(folder)))];
    await rm(weightsOf(folder));
    const shards = { 'a.safetensors': tensors.slice(0, 4), 'b.safetensors': tensors.slice(4) };
    for (const [file, part] of Object.entries(shards)) await writeSafetensors(path.join(folder, file), new Map(part));
    const entries = Object.entries(shards).flatMap(([file, part]) => part.map(([name]) => [name, file]));
    const index = { weight_map: Object.fromEntries(entries) };
    await writeFile(path.join(folder, 'model.safetensors.index.json'), JSON.stringify(index));
    const located = await locateWeights(folder, await readModelConfig(folder));
    expect([...located.keys()].sort()).toEqual(tensors.map(([name]) => name).sort());
    expect(path.basename(located.get('lm_head.weight')!.file)).toBe('b.safetensors');
  });

  it('a tensor that is missing, misshapen or of integers is named', async () => {
    const folder = await tinyModel();
    const config = await readModelConfig(folder);
    const tensors = await readSafetensors(weightsOf(folder));
    tensors.delete('model.norm.weight');
    await writeSafetensors(weightsOf(folder), tensors);
    await expect(locateWeights(folder, config)).rejects.toThrow(/lack the tensor "model.norm.weight"/);
    await expect(locateWeights(folder, { ...config, vocabularySize: 99 })).rejects.toThrow(
      /"model.embed_tokens.weight" .* has the shape \[13,12\], but config.json calls for \[99,12\]/,
    );
    const bytes = await readFile(weightsOf(folder), 'latin1');
    await writeFile(weightsOf(folder), bytes.replace('"dtype":"F32"', '"dtype":"I32"'), 'latin1');
    await expect(locateWeights(folder, config)).rejects.toThrow(
      /has type I32; weights can be read as F32, F16 or BF16/,
    );
    await rm(weightsOf(folder));
    await expect(locateWeights(folder, config)).rejects.toThrow(/holds no weights/);
  });
});
