import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileChatTemplate } from '../../../../magics/engine/tokenizer/chat-template.ts';
import { loadTokenizer } from '../../../../magics/engine/tokenizer.ts';
import type { ChatMessage } from '../../../../magics/engine/types.ts';

interface Golden {
  probes: string[];
  tokenizers: Record<string, { encodings: number[][]; bare: number[][]; decodings: string[]; whole: string[] }>;
  chats: { name: string; template: string; messages: ChatMessage[]; addGenerationPrompt: boolean; text: string }[];
}

const folder = 'test/golden/tokenizers';
const golden: Golden = JSON.parse(await readFile(path.join(folder, 'golden.json'), 'utf8'));

describe.each(Object.entries(golden.tokenizers))('the %s tokenizer', (name, expected) => {
  it.each(golden.probes.map((text, i) => ({ text, i })))(
    'encodes and decodes as Transformers: $text',
    async ({ text, i }) => {
      const tokenizer = await loadTokenizer(path.join(folder, name));
      expect(tokenizer.encode(text)).toEqual(expected.encodings[i]);
      expect(tokenizer.encode(text, { addSpecialTokens: false })).toEqual(expected.bare[i]);
      expect(tokenizer.decode(expected.encodings[i]!, { skipSpecialTokens: true })).toBe(expected.decodings[i]);
      expect(tokenizer.decode(expected.encodings[i]!)).toBe(expected.whole[i]);
    },
  );
});

describe('chat templates', () => {
  it.each(golden.chats)('$name renders as in Transformers, generation prompt: $addGenerationPrompt', (chat) => {
    const variables = { messages: chat.messages, add_generation_prompt: chat.addGenerationPrompt };
    const render = compileChatTemplate(chat.template);
    expect(render({ ...variables, bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>' })).toBe(chat.text);
  });
});
