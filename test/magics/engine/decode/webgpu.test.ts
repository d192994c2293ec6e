import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodingBlock, quantizeMatrix, restoreMatrix } from '../../../../magics/engine/decode/quantize.ts';
import { createGenerator, type GeneratorOptions } from '../../../../magics/engine/generator.ts';
import { initializeModel } from '../../../../magics/engine/initialize.ts';
import { readSafetensors, writeSafetensors } from '../../../../magics/engine/safetensors.ts';
import { decodingModel, prompts, tokenizer, trainedAdapter } from '../decoding-model.ts';
import { isWebGpuExpected } from '../software-renderer.ts';

const gpt2 = {
  architectures: ['GPT2LMHeadModel'],
  model_type: 'gpt2',
  vocab_size: tokenizer.vocabularySize,
  n_embd: 64,
  n_layer: 1,
  n_head: 4,
  n_positions: 512,
  eos_token_id: tokenizer.eosTokenId,
};
const mistral = {
  architectures: ['MistralForCausalLM'],
  model_type: 'mistral',
  num_hidden_layers: 1,
  sliding_window: 24,
};

const heads = { num_hidden_layers: 1, head_dim: 16 };
const qwen3 = { ...heads, architectures: ['Qwen3ForCausalLM'], model_type: 'qwen3' };
const gemma2 = {
  hidden_act: 'gelu_pytorch_tanh',
  ...heads,
  architectures: ['Gemma2ForCausalLM'],
  model_type: 'gemma2',
  sliding_window: 24,
  num_hidden_layers: 2,
};

/** More than 32 new positions, where ONNX Runtime's fused attention goes wrong, and fewer. */
const texts = prompts(41, 13);

/** Without the last token: what is read is then as long as where a text is scored, and the same programs serve. */
const read = texts.map((ids) => ids.slice(0, -1));

/** Goes on from the first text, which is in the cache by then, with more than 32 positions again. */
const longer = [...read[0]!, ...prompts(36)[0]!];

// Making the device's programs, one for each kind of shape, takes nearly all of the time.
describe.runIf(isWebGpuExpected)('decoding on WebGPU', { timeout: 300_000 }, () => {
  it.each([
    ['grouped-query attention in a window', () => decodingModel(mistral)],
    ['GPT-2', gpt2Model],
    ['normalized queries and keys', () => decodingModel(qwen3)],
    ['capped scores, every second layer in a window', () => decodingModel(gemma2)],
  ])('scores, embeds and answers a padded batch and a text that goes on like the processor: %s', async (_, create) => {
    const modelFolder = await create();
    const [expected, actual] = [
      await answers({ modelFolder, device: 'cpu' }),
      await answers({ modelFolder, device: 'webgpu' }),
    ];
    expectAlike(actual, expected);
  });

  it('answers each row with its own adapter, in a batch that rows join and leave, like the processor', async () => {
    const modelFolder = await decodingModel({ num_hidden_layers: 1 });
    const adapters = [await trainedAdapter(modelFolder, 1), await trainedAdapter(modelFolder, 2, { rank: 2 })];
    const expected = await adaptedAnswers({ modelFolder, device: 'cpu' }, adapters);
    expect(await adaptedAnswers({ modelFolder, device: 'webgpu' }, adapters)).toEqual(expected);
  });

  it('computes with 4-bit weights as the processor does with the same weights restored', async () => {
    const modelFolder = await decodingModel({ num_hidden_layers: 1, intermediate_size: decodingBlock });
    const actual = await answers({ modelFolder, device: 'webgpu', quantization: 'int4' });
    await restoreFourBits(modelFolder);
    const expected = await answers({ modelFolder, device: 'cpu' });
    expectAlike(actual, expected);
  });
});

async function gpt2Model(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gpt2-'));
  await initializeModel(folder, gpt2, 1);
  await tokenizer.save(folder);
  return folder;
}

interface Answers {
  scores: Float32Array[];
  embeddings: Float32Array[];
  /** Of the greedy answers, the last of which also asks for the likeliest tokens. */
  logprobs: Float32Array[];
  tokens: number[][];
}

async function answers(options: GeneratorOptions): Promise<Answers> {
  const generator = await createGenerator({ ...options, threads: 1 });
  expect(generator.device).toBe(options.device);
  const scores = await generator.score(texts);
  const embeddings = await generator.embed(read.map((ids) => ({ ids, from: 4 })));
  const together = await generator.generate(read, { maxNewTokens: 64, temperature: 0 });
  const [after] = await generator.generate([longer], { maxNewTokens: 8, temperature: 0, topLogprobs: 2 });
  expect(after!.cachedTokens).toBe(read[0]!.length);
  await generator.dispose();
  const top = after!.topLogprobs!.flatMap((choices) => choices.map(({ logprob }) => logprob));
  const logprobs = [...together.map((answer) => answer.logprobs), [...after!.logprobs, ...top]];
  return {
    scores,
    embeddings,
    logprobs: logprobs.map((numbers) => Float32Array.from(numbers)),
    tokens: [...together, after!].map(({ tokens }) => tokens),
  };
}

/** Rows of different lengths, the last of which waits for a place; then adapters change, and a beginning comes again. */
async function adaptedAnswers(options: GeneratorOptions, adapters: readonly string[]): Promise<number[][]> {
  const generator = await createGenerator({ ...options, maxBatch: 3 });
  for (const [i, folder] of adapters.entries()) await generator.loadAdapter(`adapter ${i}`, folder);
  const answer = async (ids: readonly number[], maxNewTokens: number, adapter?: string) => {
    const [generation] = await generator.generate([ids], { maxNewTokens, adapter, temperature: 0 });
    return [generation!.cachedTokens, ...generation!.tokens];
  };
  const together = await Promise.all([
    answer(texts[0]!, 6, 'adapter 0'),
    answer(texts[0]!, 12, 'adapter 1'),
    answer(texts[1]!, 9),
    answer(texts[0]!, 4),
  ]);
  await generator.unloadAdapter('adapter 0');
  const after = [await answer(texts[0]!, 4, 'adapter 1'), await answer([...texts[0]!, 5, 6], 4)];
  await generator.dispose();
  return [...together, ...after];
}

function expectAlike(actual: Answers, expected: Answers): void {
  expect(actual.tokens).toEqual(expected.tokens);
  for (const part of ['scores', 'embeddings', 'logprobs'] as const) {
    for (const [place, numbers] of expected[part].entries()) {
      const difference = Math.max(...numbers.map((value, i) => Math.abs(value - actual[part][place]![i]!)));
      expect(difference, `${part} ${place}`).toBeLessThan(1e-4);
    }
  }
}

/** Gives the linear modules of a Llama the values that they have once they are rounded to 4 bits. */
async function restoreFourBits(modelFolder: string): Promise<void> {
  const file = path.join(modelFolder, 'model.safetensors');
  const restored = [...(await readSafetensors(file))].map(([name, { shape, data }]) => {
    const isLinear = /_proj|lm_head/.test(name);
    const [output, input] = shape as [number, number];
    const rounded = () => restoreMatrix(quantizeMatrix(data, output, input, 4, decodingBlock));
    return [name, { shape, data: isLinear ? rounded() : data }] as const;
  });
  await writeSafetensors(file, new Map(restored));
}
