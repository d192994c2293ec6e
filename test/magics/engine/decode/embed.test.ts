import { readFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { createGenerator } from '../../../../magics/engine/generator.ts';
import type { EmbeddedSequence, Generator } from '../../../../magics/engine/types.ts';
import { cosine } from '../../../../magics/eval/metrics/semantic-similarity.ts';
import { decodingModel, prompts } from '../decoding-model.ts';
import { decodableFolder, loadGolden } from '../families/golden-model.ts';

interface Reference {
  embeddings: number[][];
  cosines: number[][];
}

const golden = JSON.parse(await readFile('test/golden/embeddings/embeddings.json', 'utf8')) as {
  sequences: EmbeddedSequence[];
  models: Record<string, { full: Reference; lora: Reference }>;
};

const open = (modelFolder: string): Promise<Generator> => createGenerator({ modelFolder, device: 'cpu', threads: 1 });

function largestDifference(actual: ArrayLike<number>, expected: readonly number[]): number {
  return Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!)));
}

function expectReference(embeddings: readonly Float32Array[], expected: Reference): void {
  expect(embeddings).toHaveLength(expected.embeddings.length);
  for (const [i, embedding] of embeddings.entries()) {
    expect(embedding).toHaveLength(expected.embeddings[i]!.length);
    expect(largestDifference(embedding, expected.embeddings[i]!)).toBeLessThan(1e-4);
    for (const [j, other] of embeddings.entries())
      expect(Math.abs(cosine(embedding, other)! - expected.cosines[i]![j]!)).toBeLessThan(1e-5);
  }
}

describe.each(Object.keys(golden.models))(
  'embeddings of %s, padded in a batch, against Transformers and PEFT',
  (name) => {
    it('agree to 1e-4 and their cosines to 1e-5, with the adapter merged or loaded or without it', async () => {
      const model = await loadGolden(name);
      const { full, lora } = golden.models[name]!;
      const merged = await open(await decodableFolder(model, 'lora'));
      expectReference(await merged.embed(golden.sequences), lora);
      await merged.dispose();
      const generator = await open(await decodableFolder(model, 'full'));
      await generator.loadAdapter('peft', model.adapter.initialFolder!);
      expectReference(await generator.embed(golden.sequences), full);
      expectReference(await generator.embed(golden.sequences, { adapter: 'peft' }), lora);
      await generator.dispose();
    });
  },
);

describe('embeddings', () => {
  const whole = (sequences: readonly number[][]) => sequences.map((ids) => ({ ids, from: 0 }));

  it('do not depend on what else is in the batch, its order, or what was decoded before', async () => {
    const generator = await open(await decodingModel());
    const sequences = whole(prompts(3, 40, 17, 200, 9, 1));
    const alone: Float32Array[] = [];
    for (const sequence of sequences) alone.push(...(await generator.embed([sequence])));
    await generator.generate(prompts(30, 12), { maxNewTokens: 8 });
    const backward = (await generator.embed([...sequences].reverse())).reverse();
    for (const [i, embedding] of backward.entries())
      expect(largestDifference(embedding, [...alone[i]!])).toBeLessThan(1e-5);
    await generator.dispose();
  });

  it('of a sequence that is read in parts are the mean over all of them', async () => {
    const generator = await open(await decodingModel({ max_position_embeddings: 2048 }));
    const [ids] = prompts(1300) as [number[]];
    const from = 600;
    const [mean] = await generator.embed([{ ids, from }]);
    // The mean over some positions is the weighted mean over two halves of them.
    const [first] = await generator.embed([{ ids: ids.slice(0, 1000), from }]);
    const [second] = await generator.embed([{ ids, from: 1000 }]);
    const expected = Array.from(first!, (value, i) => (value * 400 + second![i]! * 300) / 700);
    expect(largestDifference(mean!, expected)).toBeLessThan(1e-5);
    await generator.dispose();
  });

  it('are the same on both routes to ONNX Runtime', async () => {
    const folder = await decodingModel();
    const native = await open(folder);
    const sequences = whole(prompts(5, 33));
    const expected = await native.embed(sequences);
    await native.dispose();
    vi.stubEnv('LLMOPS_SESSION', 'binding');
    const binding = await open(folder);
    vi.unstubAllEnvs();
    for (const [i, embedding] of (await binding.embed(sequences)).entries())
      expect(largestDifference(embedding, [...expected[i]!])).toBeLessThan(1e-5);
    await binding.dispose();
  });

  it('need a position of their own, room in the context and tokens of the vocabulary', async () => {
    const generator = await open(await decodingModel());
    await expect(generator.embed([{ ids: [], from: 0 }])).rejects.toThrow('has no embedding');
    await expect(generator.embed([{ ids: [4], from: 1 }])).rejects.toThrow('has no embedding');
    await expect(generator.embed(whole(prompts(513)))).rejects.toThrow('context of 512 tokens');
    await expect(generator.embed(whole([[100_000]]))).rejects.toThrow('100000');
    await expect(generator.embed(whole([[4]]), { adapter: 'formal' })).rejects.toThrow(
      'No adapter "formal" is loaded.',
    );
    await generator.dispose();
  });
});
