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
      ropeTheta: 10_000,
      contextTokens: 2048,
      tiedEmbeddings: false,
      eosTokenIds: [],
    });
  });

  it('reads several end-of-sequence tokens and newer ways to write the rotary base', () => {
    const config = { ...tinyConfig, eos_token_id: [1, 2], rope_parameters: { rope_theta: 5e5, rope_type: 'default' } };
    expect(parseModelConfig(config)).toMatchObject({ eosTokenIds: [1, 2], ropeTheta: 5e5 });
  });

  it.each([
    [{ architectures: ['GPT2LMHeadModel'] }, /architecture GPT2LMHeadModel.*Supported: LlamaForCausalLM/],
    [{ architectures: undefined }, /names no architecture/],
    [{ hidden_size: 'big' }, /hidden_size/],
    [{ hidden_act: 'gelu' }, /hidden_act/],
    [{ attention_bias: true }, /attention_bias/],
    [{ rope_scaling: { rope_type: 'yarn', factor: 4 } }, /Rotary scaling of type "yarn" is not supported/],
    [{ num_attention_heads: 5 }, /head size 2.4/],
    [{ num_attention_heads: 3, num_key_value_heads: 2 }, /3 attention heads cannot share 2/],
  ])('refuses %j', (changes, message) => {
    expect(() => parseModelConfig({ ...tinyConfig, ...changes })).toThrow(message);
  });

  it('says where a config is missing or broken', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'config-'));
    await expect(readModelConfig(folder)).rejects.toThrow(/not a model folder in Hugging Face layout/);
    await writeFile(path.join(folder, 'config.json'), '{');
    await expect(readModelConfig(folder)).rejects.toThrow(/config\.json is not valid JSON/);
  });
});
