import { describe, expect, it } from 'vitest';
import type { ChatMessage, Tokenizer } from '../../../magics/engine/types.ts';
import { encodePrompt, formatExample, formatForModel } from '../../../magics/prompt/format.ts';

const messages: ChatMessage[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hi' },
];

/** A tokenizer of characters with a chat template given as a function. */
function tokenizer(template?: (message: ChatMessage) => string): Tokenizer {
  return {
    vocabularySize: 65_536,
    eosTokenId: 0,
    padTokenId: 0,
    hasChatTemplate: template !== undefined,
    encode: (text, options) => [
      ...(options?.addSpecialTokens === false ? [] : [1]),
      ...[...text].map((c) => c.codePointAt(0)!),
    ],
    decode: (ids) => ids.map((id) => String.fromCodePoint(id)).join(''),
    applyChatTemplate: (said, options) =>
      said.map((m) => template!(m)).join('') + (options?.addGenerationPrompt === true ? '<assistant>' : ''),
    tokenBytes: () => new Map(),
    save: async () => {},
  };
}

describe('formatForModel', () => {
  it('uses the chat template with its generation prompt, or joins the contents', () => {
    const withTemplate = tokenizer((m) => `<${m.role}>${m.content}</s>`);
    expect(formatForModel(messages, withTemplate)).toBe('<system>Be brief.</s><user>Hi</s><assistant>');
    expect(formatForModel(messages, tokenizer())).toBe('Be brief.\nHi\n');
  });
});

describe('formatExample', () => {
  it.each([
    ['a template that ends each turn', tokenizer((m) => `<${m.role}>${m.content}</s>\n`), 'Hello</s>', false],
    ['a template that ends no turn', tokenizer((m) => `<${m.role}>${m.content}`), 'Hello', true],
    [
      'a template that writes answers in another way',
      tokenizer((m) => (m.role === 'assistant' ? `A: ${m.content}` : m.content)),
      'Hello',
      true,
    ],
    ['no template', tokenizer(), 'Hello', true],
  ])('trains on exactly the prompt that the model is asked with: %s', (_, given, completion, appendEos) => {
    const example = formatExample(messages, 'Hello', given);
    expect(example).toEqual({ prompt: formatForModel(messages, given), completion, appendEos });
  });
});

describe('encodePrompt', () => {
  it('adds the tokens that a text begins with only where no template writes them', () => {
    expect(encodePrompt(messages, tokenizer())[0]).toBe(1);
    expect(
      encodePrompt(
        messages,
        tokenizer((m) => m.content),
      )[0],
    ).toBe('B'.codePointAt(0));
  });
});
