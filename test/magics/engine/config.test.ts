import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseModelConfig, readModelConfig } from '../../../magics/engine/config.ts';
import { tinyConfig } from './tiny-model.ts';

describe('model config', () => {
  it("takes Hugging Face's defaults for what is left out", () => {
    const { architectures, vocab_size, hidden_size, intermediate_size, num_hidden_layers } = tinyConfig;
    const config = {
      architectures,
      vocab_size,
      hidden_size,
      intermediate_size,
      num_hidden_layers,
      num_attention_heads: 3,
    };
    expect(parseModelConfig(config)).toMatchObject({
      keyValueHeads: 3,
      headSize: 4,
      normEpsilon: 1e-6,
      attention: [{ scale: 0.5, rotary: { frequencies: [1, Math.fround(0.01)], attentionFactor: 1 } }, {}],
      contextTokens: 2048,
      tiedEmbeddings: false,
      eosTokenIds: [],
    });
  });

  it('reads several end-of-sequence tokens and newer ways to write the rotary base', () => {
    const config = { ...tinyConfig, eos_token_id: [1, 2], rope_parameters: { rope_theta: 5e5, rope_type: 'default' } };
    expect(parseModelConfig(config)).toMatchObject({
      eosTokenIds: [1, 2],
      attention: [{ rotary: { frequencies: [1, Math.fround(5e5 ** (-1 / 3)), Math.fround(5e5 ** (-2 / 3))] } }, {}],
    });
  });

  it.each([
    [
      { architectures: ['BertModel'] },
      /architecture BertModel.*Supported: LlamaForCausalLM, MistralForCausalLM, Qwen2/,
    ],
    [{ architectures: undefined }, /names no architecture/],
    [{ hidden_size: 'big' }, /hidden_size/],
    [{ hidden_act: 'gelu' }, /hidden_act/],
    [{ attention_bias: 'yes' }, /attention_bias/],
    [
      { rope_scaling: { rope_type: 'longrope' } },
      /type "longrope" is not supported. Supported: default, linear, dynamic/,
    ],
    [{ rope_scaling: { rope_type: 'llama3', factor: 8 } }, /scaling of type "llama3" is broken.*low_freq_factor/s],
    [
      { residual_multiplier: 0.22 },
      /config.json has the key "residual_multiplier": 0.22, which this engine does not know/,
    ],
    [{ rms_norm_epsilon: 1e-5 }, /"rms_norm_epsilon".*Did you mean "rms_norm_eps"/],
    [{ layer_types: ['full_attention'] }, /layer_types has 1 entries for num_hidden_layers 2/],
    [{ quantization_config: { bits: 4 } }, /quantized weights are not supported.*quantization_config/s],
    [{ auto_map: { AutoModelForCausalLM: 'model.Mine' } }, /bring their own code are not supported/],
    [{ num_attention_heads: 5 }, /head size 2.4/],
    [{ num_attention_heads: 3, num_key_value_heads: 2 }, /3 attention heads cannot share 2/],
  ])('refuses %j', (changes, message) => {
    expect(() => parseModelConfig({ ...tinyConfig, ...changes })).toThrow(message);
  });

  it('adds the end tokens of generation_config.json, where chat models name the end of a turn', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'config-'));
    await writeFile(path.join(folder, 'config.json'), JSON.stringify({ ...tinyConfig, eos_token_id: 1 }));
    expect((await readModelConfig(folder)).eosTokenIds).toEqual([1]);
    await writeFile(path.join(folder, 'generation_config.json'), JSON.stringify({ eos_token_id: [1, 7] }));
    expect((await readModelConfig(folder)).eosTokenIds).toEqual([1, 7]);
  });

  it('says where a config is missing or broken', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'config-'));
    await expect(readModelConfig(folder)).rejects.toThrow(/not a model folder in Hugging Face layout/);
    await writeFile(path.join(folder, 'config.json'), '{');
    await expect(readModelConfig(folder)).rejects.toThrow(/config\.json is not valid JSON/);
  });
});
