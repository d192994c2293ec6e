import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readModelConfig } from '../../../magics/engine/config.ts';
import { initializeModel } from '../../../magics/engine/initialize.ts';
import { readSafetensors, readTensor, type Tensor, writeSafetensors } from '../../../magics/engine/safetensors.ts';
import { locateWeights } from '../../../magics/engine/weights.ts';
import { tinyConfig, tinyModel } from './tiny-model.ts';

const vector: Tensor = { shape: [2], data: Float32Array.of(1, 2) };
const gpt2 = { architectures: ['GPT2LMHeadModel'], vocab_size: 13, n_positions: 16, n_embd: 8, n_layer: 1, n_head: 2 };

/** A model whose tensors were changed after it was written. */
async function modelWith(
  change: (tensors: Map<string, Tensor>) => Map<string, Tensor>,
  config: Record<string, unknown> = tinyConfig,
): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'weights-'));
  await initializeModel(folder, config, 1);
  const file = path.join(folder, 'model.safetensors');
  await writeSafetensors(file, change(await readSafetensors(file)));
  return folder;
}

const locate = async (folder: string) => locateWeights(folder, await readModelConfig(folder));
const without = (name: string) => (tensors: Map<string, Tensor>) =>
  new Map([...tensors].filter(([other]) => other !== name));
const adding = (name: string) => (tensors: Map<string, Tensor>) => new Map([...tensors, [name, vector]]);

describe('the weights of a model folder', () => {
  it('that lack a tensor are refused with its name', async () => {
    const folder = await modelWith(without('model.norm.weight'));
    await expect(locate(folder)).rejects.toThrow(/lack the tensor "model.norm.weight", which config.json calls for/);
  });

  it('that were quantized are refused as such', async () => {
    const name = 'model.layers.0.mlp.up_proj';
    const folder = await modelWith((tensors) => adding(`${name}.qweight`)(without(`${name}.weight`)(tensors)));
    await expect(locate(folder)).rejects.toThrow(/It holds "model.layers.0.mlp.up_proj.qweight": quantized/);
  });

  it('of other sizes than config.json says are refused with both shapes', async () => {
    const folder = await tinyModel();
    const file = path.join(folder, 'config.json');
    const config = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...config, intermediate_size: 24 }));
    await expect(locate(folder)).rejects.toThrow(
      /gate_proj.weight" in .* has the shape \[20,12\].* calls for \[24,12\]/,
    );
  });

  it.each(['model.layers.0.self_attn.q_proj.bias', 'model.layers.2.mlp.up_proj.weight', 'lm_head.bias'])(
    'with %s, for which the architecture has no place, are refused',
    async (name) => {
      await expect(modelWith(adding(name)).then(locate)).rejects.toThrow(`Tensor "${name}" in`);
    },
  );

  it.each(['model.layers.0.self_attn.rotary_emb.inv_freq', 'score.weight', 'v_head.summary.weight'])(
    'with %s, which the language model does not need, are read without it',
    async (name) => {
      const weights = await locate(await modelWith(adding(name)));
      expect([...weights.keys()]).not.toContain(name);
      expect(weights.size).toBe(21);
    },
  );

  it('may hold an lm_head beside tied embeddings, which is not used', async () => {
    const folder = await modelWith(adding('lm_head.weight'), { ...tinyConfig, tie_word_embeddings: true });
    expect((await locate(folder)).has('lm_head.weight')).toBe(false);
  });

  it('of GPT-2 may be saved without the head: their names lack the first part, and masks are among them', async () => {
    const folder = await modelWith(
      (tensors) =>
        new Map([
          ...[...tensors].map(([name, tensor]) => [name.replace(/^transformer\./, ''), tensor] as const),
          ['h.0.attn.bias', vector],
        ]),
      gpt2,
    );
    const weights = await locate(folder);
    expect(weights.size).toBe(16);
    const name = 'transformer.wte.weight';
    expect((await readTensor(name, weights.get(name)!)).shape).toEqual([13, 8]);
  });

  it('of a type that cannot be read are refused with tensor and type', async () => {
    const folder = await tinyModel();
    const file = path.join(folder, 'model.safetensors');
    const bytes = await readFile(file);
    const end = 8 + Number(bytes.readBigUInt64LE(0));
    const header = bytes.toString('utf8', 8, end).replace('"F32"', '"I32"');
    await writeFile(file, Buffer.concat([bytes.subarray(0, 8), Buffer.from(header), bytes.subarray(end)]));
    await expect(locate(folder)).rejects.toThrow(/Tensor "model.embed_tokens.weight" in .* has type I32/);
  });

  it('that are not there, or of another format, are named', async () => {
    const folder = await tinyModel();
    await rm(path.join(folder, 'model.safetensors'));
    await expect(locate(folder)).rejects.toThrow(/holds no weights: neither model.safetensors nor/);
    await writeFile(path.join(folder, 'pytorch_model.bin'), '');
    await expect(locate(folder)).rejects.toThrow(/It has pytorch_model.bin: save the model as safetensors first/);
  });
});

describe('an index of shards', () => {
  async function sharded(index: string): Promise<string> {
    const folder = await modelWith((tensors) => tensors);
    const tensors = await readSafetensors(path.join(folder, 'model.safetensors'));
    await rm(path.join(folder, 'model.safetensors'));
    await writeSafetensors(path.join(folder, 'one.safetensors'), new Map([...tensors].slice(0, 10)));
    await writeSafetensors(path.join(folder, 'two.safetensors'), new Map([...tensors].slice(10)));
    await writeFile(path.join(folder, 'model.safetensors.index.json'), index);
    return folder;
  }
  const indexOf = (map: Record<string, string>) => JSON.stringify({ weight_map: map });
  const both = { 'model.embed_tokens.weight': 'one.safetensors', 'lm_head.weight': 'two.safetensors' };

  it('leads to the tensors of all shards', async () => {
    const weights = await locate(await sharded(indexOf(both)));
    expect(weights.size).toBe(21);
    expect(path.basename(weights.get('lm_head.weight')!.file)).toBe('two.safetensors');
  });

  it('is refused where a shard is missing, or lacks what the index promises', async () => {
    const missing = await sharded(indexOf({ ...both, 'model.norm.weight': 'three.safetensors' }));
    await expect(locate(missing)).rejects.toThrow(/Cannot open the weights .*three.safetensors/);
    const swapped = await sharded(indexOf({ ...both, 'lm_head.weight': 'one.safetensors' }));
    await expect(locate(swapped)).rejects.toThrow(/one.safetensors lacks the tensor "lm_head.weight", which the index/);
  });

  it('is refused where it is broken or leads out of the folder', async () => {
    await expect(sharded('{').then(locate)).rejects.toThrow(/index.json is not valid JSON/);
    await expect(sharded('{}').then(locate)).rejects.toThrow(/is not an index of safetensors files.*weight_map/s);
    await expect(sharded(indexOf({ x: '../x.safetensors' })).then(locate)).rejects.toThrow(/not the name of a file/);
  });
});
