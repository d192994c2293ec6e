import { describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../../../magics/engine/tokenizer.ts';
import type { EmbeddedSequence } from '../../../../magics/engine/types.ts';
import { compareTexts } from '../../../../magics/eval/similarity/compare-texts.ts';
import { embedTexts, type TextEmbedder } from '../../../../magics/eval/similarity/embed-texts.ts';
import { scriptedGenerator } from '../../deploy/scripted-generator.ts';

/** Embeds by how often each byte occurs: the cosine of two texts can be told by hand. */
const byBytes = (contextTokens = 100) => scriptedGenerator(() => '', { contextTokens });
const pair = (answer: string, ...references: string[]) => ({ answers: [answer], references });

describe('compareTexts', () => {
  it('finds equal texts alike, unrelated ones not, and takes the nearest of several right answers', async () => {
    const questions = [pair('abc', 'abc'), pair(' abc\n', 'abc'), pair('ab', 'cd'), pair('ab', 'cd', 'ac', 'bd')];
    const { similarities } = await compareTexts(byBytes(), questions);
    expect(similarities).toEqual([[1], [1], [0], [expect.closeTo(0.5, 12)]]);
  });

  it('has no figure for empty answers and for questions whose right answers are all empty', async () => {
    const questions = [pair('', 'a'), pair(' \n', 'a'), pair('a', ''), pair('a', ' ', 'a'), pair('', '')];
    const { similarities } = await compareTexts(byBytes(), questions);
    expect(similarities).toEqual([[null], [null], [null], [1], [null]]);
  });

  it('compares several answers with the same right ones', async () => {
    const questions = [{ answers: ['a', 'b'], references: ['a'] }];
    expect((await compareTexts(byBytes(), questions)).similarities).toEqual([[1, 0]]);
  });

  it('tells how similar right answers to different questions are', async () => {
    const { chance } = await compareTexts(
      byBytes(),
      ['ab', 'ac', 'ac', 'de'].map((text) => pair('x', text)),
    );
    expect(chance).toBeCloseTo(0.25, 12);
    expect((await compareTexts(byBytes(), [pair('x', 'y'), pair('x', 'y')])).chance).toBeNull();
  });

  it('cuts texts that are longer than the context, and counts them', async () => {
    const { similarities, cut } = await compareTexts(byBytes(3), [pair('abcdd', 'abc'), pair('abc', 'abc')]);
    expect(similarities).toEqual([[1], [1]]);
    expect(cut).toBe(1);
  });

  it('keeps the order of many questions, embeds each text of a part once, and tells how far it is', async () => {
    const texts = Array.from({ length: 1203 }, (_, i) => String.fromCodePoint(97 + (i % 20)).repeat(1 + (i % 7)));
    const questions = texts.map((text, i) => pair(i % 3 === 0 ? text : 'Z', text));
    let embedded = 0;
    const progress: number[] = [];
    const generator = byBytes();
    const counting: TextEmbedder = {
      ...generator,
      embed: (sequences) => {
        embedded += sequences.length;
        return generator.embed(sequences);
      },
    };
    const { similarities } = await compareTexts(counting, questions, { onProgress: (done) => progress.push(done) });
    expect(similarities.flat()).toEqual(questions.map((_, i) => (i % 3 === 0 ? 1 : 0)));
    expect(embedded).toBe(3 * 141);
    expect(progress.at(-1)).toBe(1203);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  it('stops between batches when aborted', async () => {
    const controller = new AbortController();
    const questions = Array.from({ length: 200 }, (_, i) => pair(`a${i}`, `b${i}`));
    const comparing = compareTexts(byBytes(), questions, {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await expect(comparing).rejects.toThrow('enough');
  });
});

describe('embedTexts', () => {
  it('reads the special tokens that a tokenizer begins with, without counting them, and none at the end', async () => {
    const tokenizer = await loadTokenizer('test/golden/tokenizers/metaspace');
    const [begin] = tokenizer.encode('');
    expect(begin).toBeDefined();
    const read: EmbeddedSequence[] = [];
    const embedder: TextEmbedder = {
      tokenizer,
      contextTokens: 64,
      embed: async (sequences) => sequences.map((sequence) => Float32Array.of(read.push(sequence))),
    };
    const { vectors } = await embedTexts(embedder, ['one two', '']);
    const own = tokenizer.encode('one two', { addSpecialTokens: false });
    expect(read).toEqual([{ ids: [begin, ...own], from: 1 }]);
    expect([...vectors.keys()]).toEqual(['one two']);
  });
});
