import { setTimeout } from 'node:timers/promises';
import { compileChatTemplate } from '../../../magics/engine/tokenizer/chat-template.ts';
import type { GenerateOptions, Generation, Generator } from '../../../magics/engine/types.ts';

export interface ScriptedGenerator extends Generator {
  /** Sizes of the batches decoded so far. */
  readonly batches: number[];
  /** How many generations were aborted. */
  readonly aborted: () => number;
}

export interface Script {
  tokenMs?: number;
  contextTokens?: number;
  chatTemplate?: string;
  /** A text that is one token, 257, and no special one. */
  marker?: string;
}

/**
 * A generator whose answers are written beforehand: one token is one UTF-8 byte, and the answer to a prompt is what
 * `answer` makes of its text. It takes its time, honours stop strings and tokens, the token limit and the signal.
 */
export function scriptedGenerator(
  answer: (prompt: string) => string,
  { tokenMs = 0, contextTokens = 512, chatTemplate, marker = '' }: Script = {},
): ScriptedGenerator {
  const render = chatTemplate === undefined ? undefined : compileChatTemplate(chatTemplate);
  const batches: number[] = [];
  let aborted = 0;
  const bytesOf = (id: number) => [...Buffer.from(['<end>', marker][id - 256] ?? '')];
  const decode = (ids: readonly number[]) =>
    Buffer.from(ids.flatMap((id) => (id < 256 ? [id] : bytesOf(id)))).toString('utf8');
  const encode = (text: string): number[] =>
    (marker === '' ? [text] : text.split(marker)).flatMap((part, i) => [...(i > 0 ? [257] : []), ...Buffer.from(part)]);

  async function one(prompt: readonly number[], row: number, options: GenerateOptions): Promise<Generation> {
    const whole = encode(answer(decode(prompt)));
    const tokens: number[] = [];
    const result = (finishReason: Generation['finishReason'], text = decode(tokens)): Generation => ({
      tokens,
      text,
      logprobs: tokens.map(() => -0.5),
      finishReason,
      promptTokens: prompt.length,
      cachedTokens: 0,
      guessedTokens: 0,
    });
    for (const id of whole) {
      if (tokens.length === options.maxNewTokens) return result('length');
      await setTimeout(tokenMs);
      if (options.signal?.aborted) {
        aborted += 1;
        return result('aborted');
      }
      if (options.stopTokens?.includes(id)) return { ...result('stop'), stopToken: id };
      tokens.push(id);
      options.onToken?.(row, id, -0.5, []);
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
      encode,
      decode,
      tokenBytes: () => new Map(Array.from({ length: 256 }, (_, byte) => [byte, Uint8Array.of(byte)])),
      hasChatTemplate: render !== undefined,
      applyChatTemplate: (messages, options) =>
        render?.({
          messages,
          tools: options?.tools ?? null,
          add_generation_prompt: options?.addGenerationPrompt ?? false,
          eos_token: '<end>',
        }) ?? messages.map((message) => message.content).join('\n'),
      save: async () => undefined,
    },
    async generate(prompts, options) {
      batches.push(prompts.length);
      return Promise.all(prompts.map((prompt, row) => one(prompt, row, options)));
    },
    score: async (sequences) => sequences.map((ids) => new Float32Array(Math.max(0, ids.length - 1)).fill(-0.5)),
    embed: async (sequences) => sequences.map(({ ids, from }) => byteCounts(ids.slice(from))),
    adapters: [],
    loadAdapter: async () => undefined,
    unloadAdapter: async () => undefined,
    dispose: async () => undefined,
  };
}

/** How often each byte occurs: [256]. */
function byteCounts(ids: readonly number[]): Float32Array {
  const counts = new Float32Array(256);
  for (const id of ids) counts[id]! += 1;
  return counts;
}
