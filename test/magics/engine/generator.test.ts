import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGenerator } from '../../../magics/engine/generator.ts';
import { initializeModel } from '../../../magics/engine/initialize.ts';
import { randomStream } from '../../../magics/engine/random.ts';
import { trainTokenizer } from '../../../magics/engine/tokenizer.ts';
import { createTrainer } from '../../../magics/engine/trainer.ts';
import type { GenerateOptions, Generation, Generator } from '../../../magics/engine/types.ts';
import { optimizer, tinyConfig, tinyModel } from './tiny-model.ts';

const tokenizer = trainTokenizer(['one two three four five six seven eight nine ten'], { vocabularySize: 300 });
const changes = {
  vocab_size: tokenizer.vocabularySize,
  hidden_size: 32,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 256,
  eos_token_id: tokenizer.eosTokenId,
};

/** Random prompts of these lengths. */
function prompts(...lengths: number[]): number[][] {
  return lengths.map((length, row) => {
    const random = randomStream('prompt', row);
    return Array.from({ length }, () => 3 + Math.floor(random.uniform() * (tokenizer.vocabularySize - 3)));
  });
}

async function modelFolder(more: Record<string, unknown> = {}): Promise<string> {
  const folder = await tinyModel({ ...changes, ...more });
  await tokenizer.save(folder);
  return folder;
}

const open = async (folder: string, maxBatch?: number): Promise<Generator> =>
  createGenerator({ modelFolder: folder, device: 'cpu', threads: 1, maxBatch });

describe('generator', () => {
  let folder: string;
  let generator: Generator;
  beforeAll(async () => {
    folder = await modelFolder();
    generator = await open(folder);
  });
  afterAll(() => generator.dispose());

  it('its cache changes nothing: every greedy token is the most likely one of the whole sequence run at once', async () => {
    const [prompt] = prompts(5);
    const [generation] = await generator.generate([prompt!], { maxNewTokens: 100 });
    expect(generation!.tokens.length).toBeGreaterThan(64);
    const [scores] = await generator.score([[...prompt!, ...generation!.tokens]]);
    for (const [i, logprob] of generation!.logprobs.entries()) expect(scores![4 + i]).toBeCloseTo(logprob, 4);
  });

  it('scores as the training graph does', async () => {
    const [sequence] = prompts(9);
    const [scores] = await generator.score([sequence!]);
    const trainer = await createTrainer({ modelFolder: folder, optimizer, seed: 1, device: 'cpu', threads: 1 });
    const { lossSum } = await trainer.evaluate({
      rows: 1,
      sequenceTokens: 8,
      inputIds: Int32Array.from(sequence!.slice(0, -1)),
      labels: Int32Array.from(sequence!.slice(1)),
      weights: new Float32Array(8).fill(1),
    });
    expect(-scores!.reduce((a, b) => a + b)).toBeCloseTo(lossSum, 4);
    await trainer.dispose();
  });

  it('a batch of prompts of different lengths gives what each gives alone, across growing buffers and groups', async () => {
    const all = prompts(3, 17, 80, 1, 40);
    const together = await generator.generate(all, { maxNewTokens: 70 });
    const grouped = await open(folder, 2);
    const inGroups = await grouped.generate(all, { maxNewTokens: 70 });
    for (const [i, prompt] of all.entries()) {
      const [alone] = await generator.generate([prompt], { maxNewTokens: 70 });
      expect(together[i]!.tokens).toEqual(alone!.tokens);
      expect(inGroups[i]!.tokens).toEqual(alone!.tokens);
      expect(together[i]!.promptTokens).toBe(prompt.length);
    }
    await grouped.dispose();
  });

  it('stops at the end-of-sequence token without handing it out, while other rows go on', async () => {
    const all = prompts(4, 6);
    const [first, second] = await generator.generate(all, { maxNewTokens: 12 });
    const eos = first!.tokens[5]!;
    const at = first!.tokens.indexOf(eos);
    const stopping = await open(await modelFolder({ eos_token_id: eos }));
    const [stopped, other] = await stopping.generate(all, { maxNewTokens: 12 });
    expect(stopped).toMatchObject({ tokens: first!.tokens.slice(0, at), finishReason: 'stop' });
    const untilEos = second!.tokens.includes(eos)
      ? second!.tokens.slice(0, second!.tokens.indexOf(eos))
      : second!.tokens;
    expect(other!.tokens).toEqual(untilEos);
    await stopping.dispose();
  });

  it('cuts the text before a stop string, also one that spans tokens', async () => {
    const [prompt] = prompts(5);
    const [free] = await generator.generate([prompt!], { maxNewTokens: 30 });
    const middle = Math.floor(free!.text.length / 2);
    const stop = free!.text.slice(middle, middle + 3);
    const [cut] = await generator.generate([prompt!], { maxNewTokens: 30, stop: [stop] });
    expect(cut!.finishReason).toBe('stop');
    expect(cut!.text).toBe(free!.text.slice(0, free!.text.indexOf(stop)));
    expect(cut!.tokens.length).toBeLessThan(30);
  });

  it('the same seed draws the same tokens, another seed others', async () => {
    const draw = async (seed: number) =>
      (await generator.generate(prompts(4, 4), { maxNewTokens: 20, temperature: 1, seed })).map(({ tokens }) => tokens);
    const [first, again, other] = [await draw(1), await draw(1), await draw(2)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    const topOne = await generator.generate(prompts(4), { maxNewTokens: 20, temperature: 1, topK: 1, seed: 1 });
    const greedy = await generator.generate(prompts(4), { maxNewTokens: 20 });
    expect(topOne[0]!.tokens).toEqual(greedy[0]!.tokens);
  });

  it('hands out each token with its log-probability as it is made, and the event loop gets its turns', async () => {
    const seen: [number, number, number][] = [];
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const [a, b] = await generator.generate(prompts(4, 5), {
      maxNewTokens: 50,
      onToken: (...[row, id, logprob]) => seen.push([row, id, logprob]),
    });
    clearInterval(timer);
    const of = (row: number) => seen.filter((token) => token[0] === row);
    expect(of(0).map(([, id]) => id)).toEqual(a!.tokens);
    expect(of(1).map(([, , logprob]) => logprob)).toEqual(b!.logprobs);
    expect(turns).toBeGreaterThan(5);
  });

  it('stops between two tokens when it is aborted, and keeps what is there', async () => {
    const controller = new AbortController();
    const [generation] = await generator.generate(prompts(4), {
      maxNewTokens: 200,
      signal: controller.signal,
      onToken: () => controller.abort(),
    });
    expect(generation).toMatchObject({ finishReason: 'aborted', tokens: [expect.any(Number)] });
  });

  it('decodes what different calls ask for together, each with its own options', async () => {
    const order: string[] = [];
    const call = (name: string, maxNewTokens: number, more: Partial<GenerateOptions> = {}): Promise<Generation[]> =>
      generator.generate(prompts(4), { maxNewTokens, onToken: () => order.push(name), ...more });
    const [a, , c] = await Promise.all([call('a', 6), call('b', 3), call('c', 6, { temperature: 1, seed: 5 })]);
    expect(order.join('')).toBe('abcabcabcacacac');
    const [alone] = await generator.generate(prompts(4), { maxNewTokens: 6 });
    expect(a[0]!.tokens).toEqual(alone!.tokens);
    expect(c[0]!.tokens).not.toEqual(alone!.tokens);
  });

  it('ends at the limit of the context', async () => {
    const [prompt] = prompts(250);
    const [generation] = await generator.generate([prompt!], { maxNewTokens: 50 });
    expect(generation).toMatchObject({ finishReason: 'length', promptTokens: 250 });
    expect(generation!.tokens).toHaveLength(6);
  });

  it.each([true, false])('decodes weights stored as float16, tied embeddings: %s', async (tied) => {
    const source = await modelFolder({ tie_word_embeddings: tied });
    const trainer = await createTrainer({ modelFolder: source, optimizer, seed: 1, device: 'cpu', threads: 1 });
    const half = path.join(source, 'half');
    await trainer.saveModel(half, { dtype: 'float16' });
    await trainer.dispose();
    const [exact, rounded] = [await open(source), await open(half)];
    const [sequence] = prompts(12);
    const [expected, actual] = [await exact.score([sequence!]), await rounded.score([sequence!])];
    for (const [i, score] of expected[0]!.entries()) expect(actual[0]![i]).toBeCloseTo(score, 2);
    await exact.dispose();
    await rounded.dispose();
  });

  it('names what is wrong with a prompt', async () => {
    await expect(generator.generate([[]], { maxNewTokens: 1 })).rejects.toThrow(/without any token/);
    await expect(generator.generate(prompts(256), { maxNewTokens: 1 })).rejects.toThrow(
      /256 tokens does not fit .* 256/,
    );
    await expect(generator.generate([[999]], { maxNewTokens: 1 })).rejects.toThrow(/Token id 999 is outside/);
    await expect(generator.score([[1]])).rejects.toThrow(/cannot be scored/);
  });

  it('names the supported architectures for a model of another one, and missing files', async () => {
    const other = await modelFolder();
    const config = JSON.parse(await readFile(path.join(other, 'config.json'), 'utf8'));
    await writeFile(path.join(other, 'config.json'), JSON.stringify({ ...config, architectures: ['BertModel'] }));
    await expect(open(other)).rejects.toThrow(/architecture BertModel.*Supported: LlamaForCausalLM/);
    await expect(
      initializeModel(other, { ...tinyConfig, architectures: ['T5ForConditionalGeneration'] }, 1),
    ).rejects.toThrow(/Supported: LlamaForCausalLM/);
    await expect(open('/nowhere')).rejects.toThrow(/not a model folder/);
  });
});
