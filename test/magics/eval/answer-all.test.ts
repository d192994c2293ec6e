import { describe, expect, it } from 'vitest';
import { answerAll, batchesByLength } from '../../../magics/eval/answer-all.ts';
import { scriptedGenerator } from '../deploy/scripted-generator.ts';

const prompts = ['aaa', 'b', 'cccc', 'dd', 'e'].map((text) => [...Buffer.from(text)]);

describe('answerAll', () => {
  it('answers in the prompts’ order, in batches of similar length, and tells how far it is', async () => {
    const generator = scriptedGenerator((prompt) => `<${prompt}>`);
    const progress: [number, number][] = [];
    const answers = await answerAll(generator, prompts, {
      maxNewTokens: 10,
      batchSize: 2,
      onProgress: ({ answered, tokens }) => progress.push([answered, tokens]),
    });
    expect(answers.map((answer) => answer.text)).toEqual(['<aaa>', '<b>', '<cccc>', '<dd>', '<e>']);
    expect(batchesByLength(prompts, 2)).toEqual([[2, 0], [3, 1], [4]]);
    expect(generator.batches).toEqual([2, 2, 1]);
    expect(progress).toEqual([
      [2, 11],
      [4, 18],
      [5, 21],
    ]);
  });

  it('stops between batches when aborted', async () => {
    const controller = new AbortController();
    const generator = scriptedGenerator(() => 'x');
    const answering = answerAll(generator, prompts, {
      maxNewTokens: 10,
      batchSize: 2,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    });
    await expect(answering).rejects.toThrow('enough');
    expect(generator.batches).toEqual([2]);
  });
});
