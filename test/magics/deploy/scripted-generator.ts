import { setTimeout } from 'node:timers/promises';
import type { GenerateOptions, Generation, Generator } from '../../../magics/engine/types.ts';

export interface ScriptedGenerator extends Generator {
  /** Sizes of the batches decoded so far. */
  readonly batches: number[];
  /** How many generations were aborted. */
  readonly aborted: () => number;
}

/**
 * A generator whose answers are written beforehand: one token is one UTF-8 byte, and the answer to a prompt is what
 * `answer` makes of its text. It takes its time, honours stop strings, the token limit and the signal.
 */
export function scriptedGenerator(
  answer: (prompt: string) => string,
  { tokenMs = 0, contextTokens = 512 }: { tokenMs?: number; contextTokens?: number } = {},
): ScriptedGenerator {
  const batches: number[] = [];
  let aborted = 0;
  const decode = (ids: readonly number[]) => Buffer.from(ids).toString('utf8');

  async function one(prompt: readonly number[], row: number, options: GenerateOptions): Promise<Generation> {
    const whole = [...Buffer.from(answer(decode(prompt)))];
    const tokens: number[] = [];
    const result = (finishReason: Generation['finishReason'], text = decode(tokens)): Generation => ({
      tokens,
      text,
      logprobs: tokens.map(() => -0.5),
      finishReason,
      promptTokens: prompt.length,
    });
    for (const id of whole) {
      if (tokens.length === options.maxNewTokens) return result('length');
      await setTimeout(tokenMs);
      if (options.signal?.aborted) {
        aborted += 1;
        return result('aborted');
      }
      tokens.push(id);
      options.onToken?.(row, id, -0.5);
      const ends = (options.stop ?? []).map((stop) => decode(tokens).indexOf(stop)).filter((at) => at >= 0);
      if (ends.length > 0) return result('stop', decode(tokens).slice(0, Math.min(...ends)));
    }
    return result('stop');
  }

  return {
    device: 'cpu',
    contextTokens,
    batches,
    aborted: () => aborted,
    tokenizer: {
      vocabularySize: 257,
      eosTokenId: 256,
      padTokenId: 256,
      encode: (text) => [...Buffer.from(text)],
      decode,
      hasChatTemplate: false,
      applyChatTemplate: (messages) => messages.map((message) => message.content).join('\n'),
      save: async () => undefined,
    },
    async generate(prompts, options) {
      batches.push(prompts.length);
      return Promise.all(prompts.map((prompt, row) => one(prompt, row, options)));
    },
    score: async (sequences) => sequences.map((ids) => new Float32Array(Math.max(0, ids.length - 1)).fill(-0.5)),
    dispose: async () => undefined,
  };
}
