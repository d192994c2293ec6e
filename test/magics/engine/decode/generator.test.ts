import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createGenerator, type GeneratorOptions } from '../../../../magics/engine/generator.ts';
import { createTrainer } from '../../../../magics/engine/trainer.ts';
import type { Generator } from '../../../../magics/engine/types.ts';
import { decodingModel, prompts, tokenizer, trainedAdapter } from '../decoding-model.ts';
import { optimizer } from '../tiny-model.ts';

const open = (modelFolder: string, more: Partial<GeneratorOptions> = {}): Promise<Generator> =>
  createGenerator({ modelFolder, device: 'cpu', threads: 1, ...more });

afterEach(() => vi.unstubAllEnvs());

describe('decoding', () => {
  let folder: string;
  let generator: Generator;
  beforeAll(async () => {
    folder = await decodingModel();
    generator = await open(folder);
  });
  afterAll(() => generator.dispose());

  const greedy = async (one: Generator, prompt: readonly number[], maxNewTokens = 24) =>
    (await one.generate([prompt], { maxNewTokens }))[0]!.tokens;

  it('both routes to ONNX Runtime make the same tokens', async () => {
    const all = prompts(3, 40, 17);
    const native = await generator.generate(all, { maxNewTokens: 40 });
    vi.stubEnv('LLMOPS_SESSION', 'binding');
    const other = await open(folder);
    const binding = await other.generate(all, { maxNewTokens: 40 });
    for (const [i, { tokens, logprobs }] of binding.entries()) {
      expect(tokens).toEqual(native[i]!.tokens);
      for (const [j, logprob] of logprobs.entries()) expect(logprob).toBeCloseTo(native[i]!.logprobs[j]!, 4);
    }
    await other.dispose();
  });

  it.each([
    ['heads of 6, padded in the cache', { hidden_size: 24, num_attention_heads: 4 }],
    ['heads of 24, rotated apart', { hidden_size: 96, num_attention_heads: 4 }],
    ['heads of 16, rotated inside', { hidden_size: 64, num_attention_heads: 4 }],
  ])('a cached token has the log-probability of the whole sequence: %s', async (_, changes) => {
    const other = await open(await decodingModel(changes));
    const [prompt] = prompts(9);
    const [{ tokens, logprobs }] = (await other.generate([prompt!], { maxNewTokens: 40 })) as [never];
    const trainer = await createTrainer({
      modelFolder: await decodingModel(changes),
      optimizer,
      seed: 1,
      device: 'cpu',
      threads: 1,
    });
    const sequence = [...prompt!, ...(tokens as number[])];
    const weights = Float32Array.from({ length: sequence.length - 1 }, (_, i) => Number(i >= prompt!.length - 1));
    const { lossSum } = await trainer.evaluate({
      rows: 1,
      sequenceTokens: sequence.length - 1,
      inputIds: Int32Array.from(sequence.slice(0, -1)),
      labels: Int32Array.from(sequence.slice(1)),
      weights,
    });
    expect(-(logprobs as number[]).reduce((a, b) => a + b)).toBeCloseTo(lossSum, 3);
    await trainer.dispose();
    await other.dispose();
  });

  it('a prompt that begins like another is not computed twice, and its answer is the same', async () => {
    const [shared] = prompts(60);
    const tails = prompts(5, 6, 7);
    const fresh = await open(folder);
    const expected: number[][] = [];
    for (const tail of tails) {
      const alone = await open(folder);
      expected.push(await greedy(alone, [...shared!, ...tail]));
      await alone.dispose();
    }
    const together = await fresh.generate(
      tails.map((tail) => [...shared!, ...tail]),
      { maxNewTokens: 24 },
    );
    expect(together.map(({ tokens }) => tokens)).toEqual(expected);
    expect(together.map(({ cachedTokens }) => cachedTokens)).toEqual([0, 60, 60]);
    const [later] = await fresh.generate([[...shared!, ...tails[1]!]], { maxNewTokens: 24 });
    expect(later!.tokens).toEqual(expected[1]);
    expect(later!.cachedTokens).toBe(65);
    await fresh.dispose();
  });

  it('what is said again is guessed: fewer runs, the same answer', async () => {
    const plain = await open(folder, { guesses: false });
    const again = { maxNewTokens: 120 };
    const repeating = { ...again, constraint: { choices: ['one two three four '.repeat(9), 'ten '.repeat(40)] } };
    const sampled = { ...again, temperature: 0.7, seed: 5 };
    for (const prompt of prompts(6, 40)) {
      for (const options of [again, sampled, repeating, { ...repeating, repetitionPenalty: 1.1 }]) {
        const [expected] = await plain.generate([prompt], options);
        const [made] = await generator.generate([prompt], options);
        expect(made!.tokens).toEqual(expected!.tokens);
        expect(made!.finishReason).toBe(expected!.finishReason);
        for (const [i, logprob] of made!.logprobs.entries()) expect(logprob).toBeCloseTo(expected!.logprobs[i]!, 4);
        expect(expected!.guessedTokens).toBe(0);
      }
    }
    const [made] = await generator.generate(prompts(20), repeating);
    expect(made!.guessedTokens).toBeGreaterThan(made!.tokens.length / 2);
    await plain.dispose();
  });

  it('a prompt that is read in parts is answered like one that is scored whole', async () => {
    const other = await open(await decodingModel({ max_position_embeddings: 2048 }));
    const [long] = prompts(1300);
    const [made] = await other.generate([long!], { maxNewTokens: 8 });
    const [scores] = await other.score([[...long!, ...made!.tokens]]);
    for (const [i, logprob] of made!.logprobs.entries()) expect(logprob).toBeCloseTo(scores![1299 + i]!, 4);
    await other.dispose();
  });

  it('rows join while others are being decoded, and a long prompt does not hold them up', async () => {
    const [short, long, late] = prompts(4, 480, 30) as [number[], number[], number[]];
    const order: string[] = [];
    let joined: Promise<unknown> | undefined;
    const first = generator.generate([short], {
      maxNewTokens: 30,
      onToken: () => {
        order.push('short');
        joined ??= Promise.all([
          generator.generate([long], { maxNewTokens: 3, onToken: () => order.push('long') }),
          generator.generate([late], { maxNewTokens: 3, onToken: () => order.push('late') }),
        ]);
      },
    });
    const [made] = await first;
    await joined;
    expect(order.lastIndexOf('late')).toBeLessThan(order.lastIndexOf('short'));
    expect(order.lastIndexOf('long')).toBeLessThan(order.lastIndexOf('short'));
    expect(made!.tokens).toEqual(await greedy(generator, short, 30));
  });

  it.each(['int8', 'int4'] as const)('%s weights answer nearly like the model itself', async (quantization) => {
    const rounded = await open(folder, { quantization });
    const [sequence] = prompts(40);
    const [exact] = await generator.score([sequence!]);
    const [near] = await rounded.score([sequence!]);
    const error = exact!.map((score, i) => Math.abs(score - near![i]!)).reduce((a, b) => a + b) / exact!.length;
    expect(error).toBeLessThan(quantization === 'int8' ? 0.02 : 0.2);
    expect(error).toBeGreaterThan(0);
    await rounded.dispose();
  });

  it('adapters beside the model answer as when they are merged, several in one batch', async () => {
    const own = await open(folder);
    const adapters = [
      await trainedAdapter(folder, 1),
      await trainedAdapter(folder, 2, { rank: 2, targetModules: ['q_proj', 'v_proj', 'down_proj'] }),
    ];
    for (const [i, adapter] of adapters.entries()) await own.loadAdapter(`adapter${i}`, adapter);
    expect(own.adapters).toEqual(['adapter0', 'adapter1']);
    const [prompt] = prompts(20);
    const options = { maxNewTokens: 20 };
    const [plain, first, second] = await Promise.all([
      own.generate([prompt!], options),
      own.generate([prompt!], { ...options, adapter: 'adapter0' }),
      own.generate([prompt!], { ...options, adapter: 'adapter1' }),
    ]);
    expect(plain[0]!.tokens).toEqual(await greedy(generator, prompt!, 20));
    for (const [i, made] of [first, second].entries()) {
      const merged = await open(await mergedModel(folder, adapters[i]!));
      const [expected] = await merged.generate([prompt!], options);
      expect(made[0]!.tokens).toEqual(expected!.tokens);
      for (const [j, logprob] of expected!.logprobs.entries()) expect(made[0]!.logprobs[j]).toBeCloseTo(logprob, 3);
      const [sequence] = prompts(30);
      const [[a], [b]] = [await own.score([sequence!], { adapter: `adapter${i}` }), await merged.score([sequence!])];
      for (const [j, score] of a!.entries()) expect(score).toBeCloseTo(b![j]!, 3);
      await merged.dispose();
    }
    await own.unloadAdapter('adapter0');
    const [again] = await own.generate([prompt!], { ...options, adapter: 'adapter1' });
    expect(again!.tokens).toEqual(second[0]!.tokens);
    await expect(own.generate([prompt!], { ...options, adapter: 'adapter0' })).rejects.toThrow(
      /No adapter "adapter0" is loaded\. Did you mean "adapter1"/,
    );
    await own.dispose();
  });

  it('an answer that must be JSON of a schema parses, greedy and sampled, and choices are kept to', async () => {
    const jsonSchema = {
      type: 'object',
      properties: { name: { type: 'string', maxLength: 8 }, size: { type: 'integer' } },
      required: ['name', 'size'],
    };
    for (const temperature of [0, 1]) {
      const made = await generator.generate(prompts(5, 6), {
        maxNewTokens: 50,
        temperature,
        seed: 3,
        constraint: { jsonSchema },
      });
      for (const { text, finishReason } of made) {
        expect(Object.keys(JSON.parse(text))).toEqual(['name', 'size']);
        expect(finishReason).toBe('stop');
      }
    }
    const [choice] = await generator.generate(prompts(5), { maxNewTokens: 9, constraint: { choices: ['six', 'ten'] } });
    expect(['six', 'ten']).toContain(choice!.text);
  });

  it('an answer ends before a stop token, which is told', async () => {
    const [prompt] = prompts(5);
    const free = await greedy(generator, prompt!, 12);
    const stopToken = free.find((id, i) => i > 2 && !free.slice(0, i).includes(id))!;
    const [made] = await generator.generate([prompt!], { maxNewTokens: 12, stopTokens: [stopToken] });
    expect(made!.tokens).toEqual(free.slice(0, free.indexOf(stopToken)));
    expect(made).toMatchObject({ finishReason: 'stop', stopToken });
  });

  it('the likeliest tokens are reported with their log-probabilities', async () => {
    const [made] = await generator.generate(prompts(8), { maxNewTokens: 5, topLogprobs: 4 });
    for (const [i, top] of made!.topLogprobs!.entries()) {
      expect(top).toHaveLength(4);
      expect(top[0]).toEqual({ id: made!.tokens[i], logprob: made!.logprobs[i] });
    }
  });

  it('a repetition penalty keeps a greedy answer from repeating itself', async () => {
    const [prompt] = prompts(6);
    const [made] = await generator.generate([prompt!], { maxNewTokens: 40, repetitionPenalty: 2 });
    const plain = await greedy(generator, prompt!, 40);
    expect(new Set(made!.tokens).size).toBeGreaterThan(new Set(plain).size);
  });

  it('a failure of the model ends what runs, and the next call works', async () => {
    const outside = generator.generate([[1, tokenizer.vocabularySize + 5]], { maxNewTokens: 2 });
    await expect(outside).rejects.toThrow(/outside/);
    expect(await greedy(generator, prompts(3)[0]!, 3)).toHaveLength(3);
  });
});

/** Folder of the model with the adapter merged into its weights. */
async function mergedModel(modelFolder: string, adapterFolder: string): Promise<string> {
  const saved = JSON.parse(await readFile(`${adapterFolder}/adapter_config.json`, 'utf8'));
  const adapter = {
    rank: saved.r,
    alpha: saved.lora_alpha,
    dropout: 0,
    targetModules: saved.target_modules,
    initialFolder: adapterFolder,
  };
  const trainer = await createTrainer({ modelFolder, adapter, optimizer, seed: 1, device: 'cpu', threads: 1 });
  await trainer.saveModel(`${adapterFolder}/merged`);
  await trainer.dispose();
  return `${adapterFolder}/merged`;
}
