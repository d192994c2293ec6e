import { afterEach, describe, expect, it, vi } from 'vitest';
import { createGenerator } from '../../../magics/engine/generator.ts';
import { createTrainer } from '../../../magics/engine/trainer.ts';
import type { Batch } from '../../../magics/engine/types.ts';
import { decodingModel, prompts, trainedAdapter } from './decoding-model.ts';
import { optimizer, tinyBatch, tinyModel } from './tiny-model.ts';

// Native code that is given a size it does not expect may end the process: these sizes come from prompts and rows of users.
describe.each(['native', 'binding'])('at the limits of sizes, by the %s route', (route) => {
  const open = async (changes: Record<string, unknown>, quantization: 'none' | 'int8' | 'int4' = 'none') => {
    vi.stubEnv('LLMOPS_SESSION', route);
    const modelFolder = await decodingModel({ eos_token_id: 2, ...changes });
    const generator = await createGenerator({ modelFolder, device: 'cpu', threads: 1, quantization });
    return { modelFolder, generator };
  };
  afterEach(() => vi.unstubAllEnvs());

  it.each([333, 1100])(
    'prompts up to the last position of a context of %s are answered, longer ones refused',
    async (context) => {
      const { generator } = await open({ max_position_embeddings: context });
      const lengths = [1, 2, 511, 512, 513, 1024, 1025, context - 2, context - 1].filter((length) => length < context);
      for (const length of lengths) {
        const [made] = await generator.generate(prompts(length), { maxNewTokens: 3 });
        const room = Math.min(3, context - length);
        expect(made!.finishReason === 'stop' || made!.tokens.length === room, `${length} tokens`).toBe(true);
      }
      for (const length of [0, context, context + 1]) {
        await expect(generator.generate(prompts(length), { maxNewTokens: 3 })).rejects.toThrow(/prompt/i);
      }
      await generator.dispose();
    },
  );

  it('long and short prompts, with an adapter and without, are decoded together; no prompt at all gives nothing', async () => {
    const { modelFolder, generator } = await open({ max_position_embeddings: 700 });
    await generator.loadAdapter('own', await trainedAdapter(modelFolder, 1, { rank: 3 }));
    const lengths = Array.from({ length: 40 }, (_, i) => Math.min(699, 1 + 29 * i));
    const [base, adapted] = await Promise.all([
      generator.generate(prompts(...lengths), { maxNewTokens: 5 }),
      generator.generate(prompts(699, 3, 699, 1), { maxNewTokens: 5, adapter: 'own' }),
    ]);
    expect(base.map(({ promptTokens }) => promptTokens)).toEqual(lengths);
    expect(adapted).toHaveLength(4);
    expect(await generator.generate([], { maxNewTokens: 5 })).toEqual([]);
    expect((await generator.generate(prompts(4), { maxNewTokens: 0 }))[0]!.tokens).toEqual([]);
    await generator.dispose();
  });

  it('scores from two tokens to a whole context', async () => {
    const { generator } = await open({ max_position_embeddings: 600 });
    const scores = await generator.score(prompts(600, 2, 513, 514));
    expect(scores.map(({ length }) => length)).toEqual([599, 1, 512, 513]);
    for (const each of scores) expect(each.every((score) => score < 0 && score > -20)).toBe(true);
    await expect(generator.score(prompts(601))).rejects.toThrow(/context of 600/);
    await expect(generator.score(prompts(1))).rejects.toThrow(/cannot be scored/);
    await generator.dispose();
  });

  it.each([
    ['int4', 24, 4, 37],
    ['int8', 24, 4, 37],
    ['int4', 66, 3, 65],
    ['int8', 6, 1, 5],
  ] as const)('%s weights of width %s, which fills no block', async (quantization, hidden, heads, intermediate) => {
    const sizes = { hidden_size: hidden, num_attention_heads: heads, num_key_value_heads: 1 };
    const { generator } = await open({ ...sizes, intermediate_size: intermediate, vocab_size: 301 }, quantization);
    const made = await generator.generate(prompts(1, 70, 300), { maxNewTokens: 3 });
    for (const { logprobs } of made) expect(logprobs.every((logprob) => logprob <= 0)).toBe(true);
    await generator.dispose();
  });

  it('trains on one token, on a row as long as the context, and beside a batch in which nothing is learned', async () => {
    vi.stubEnv('LLMOPS_SESSION', route);
    const modelFolder = await tinyModel({ max_position_embeddings: 700 });
    const trainer = () => createTrainer({ modelFolder, optimizer, seed: 1, device: 'cpu', threads: 1 });
    const [alone, beside] = [await trainer(), await trainer()];
    for (const batch of [uniform(1, 1), uniform(1, 700), tinyBatch()]) {
      const expected = await alone.step([batch], 1e-3);
      expect(Number.isFinite(expected.loss)).toBe(true);
      const silent = { ...uniform(2, 3), weights: new Float32Array(6) };
      expect((await beside.step([batch, silent], 1e-3)).loss).toBeCloseTo(expected.loss, 5);
    }
    await expect(alone.step([uniform(0, 5)], 1e-3)).rejects.toThrow(/no position is left to learn from/);
    await expect(alone.evaluate(uniform(2, 0))).rejects.toThrow(/no position is left to learn from/);
    await expect(alone.step([uniform(1, 701)], 1e-3)).rejects.toThrow(/longer than the model's context of 700/);
    await alone.dispose();
    await beside.dispose();
  });
});

function uniform(rows: number, sequenceTokens: number): Batch {
  const size = rows * sequenceTokens;
  const [inputIds, labels] = [new Int32Array(size).fill(3), new Int32Array(size).fill(4)];
  return { rows, sequenceTokens, inputIds, labels, weights: new Float32Array(size).fill(1) };
}
