import { describe, expect, it } from 'vitest';
import { trainTokenizer } from '../../../magics/engine/tokenizer.ts';
import type { Tokenizer } from '../../../magics/engine/types.ts';
import type { Document } from '../../../magics/finetune/documents.ts';
import { createExample, dropWords, type Example } from '../../../magics/finetune/examples.ts';
import { encodePrompt, formatForModel } from '../../../magics/prompt/format.ts';
import { createPrompt } from '../../../magics/prompt/prompt.ts';

const texts = ['every day at noon', '0 12 * * *', 'Turn the schedule into cron.'];
const chatMl =
  "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
const tokenizers: Record<string, Tokenizer> = {
  'its own': trainTokenizer(texts, { vocabularySize: 300, pattern: 'words' }),
  ChatML: trainTokenizer(texts, {
    vocabularySize: 300,
    specialTokens: ['<|im_start|>', '<|im_end|>'],
    eosToken: '<|im_end|>',
    chatTemplate: chatMl,
  }),
  no: trainTokenizer(texts, { vocabularySize: 300, chatTemplate: '' }),
};
const prompt = await createPrompt('cron', '{{role "system"}}Turn the schedule into cron.\n{{role "user"}}{{text}}');
const messages = prompt.render({ text: 'every day at noon' });
const document: Document = { messages, answer: '0 12 * * *' };

describe.each(Object.entries(tokenizers))('an example with %s chat template', (_, tokenizer) => {
  const example = createExample(document, tokenizer, 0);
  const learned = example.ids.filter((_id, i) => example.weights[i] === 1);
  const given = example.ids.filter((_id, i) => example.weights[i] === 0);

  it('gives the model exactly what serving sends for the same messages', () => {
    expect(given).toEqual(encodePrompt(messages, tokenizer));
    expect(tokenizer.decode(given)).toBe(formatForModel(messages, tokenizer));
    expect(example.ids.slice(0, given.length)).toEqual(given);
  });

  it('learns the answer and the end-of-text token, nothing else', () => {
    expect(learned.at(-1)).toBe(tokenizer.eosTokenId);
    expect(learned.filter((id) => id === tokenizer.eosTokenId)).toHaveLength(1);
    expect(tokenizer.decode(learned, { skipSpecialTokens: true })).toBe('0 12 * * *');
  });
});

describe('the loss weights', () => {
  const tokenizer = tokenizers['its own']!;

  it('count the prompt as much as asked', () => {
    const { weights } = createExample(document, tokenizer, 0.1);
    expect(new Set(weights)).toEqual(new Set([0.1, 1]));
  });

  it('of plain text follow its pieces', () => {
    const pieces = [
      { text: 'every day', learned: false },
      { text: ' noon', learned: true },
    ];
    const { ids, weights } = createExample({ pieces }, tokenizer, 0);
    const given = tokenizer.encode('every day').length;
    expect(weights).toEqual(ids.map((_, i) => (i < given ? 0 : 1)));
    expect(tokenizer.decode(ids)).toBe('every day noon<|end|>');
  });
});

describe('a label', () => {
  it('is learned as its own token where the tokenizer has one', () => {
    const labels = ['card arrival', 'refund'];
    const tokenizer = trainTokenizer(texts, { vocabularySize: 300, labels });
    const learned = ({ ids, weights }: Example) => ids.filter((_, i) => weights[i] === 1);
    const example = createExample({ messages, answer: 'card arrival' }, tokenizer, 0);
    expect(learned(example)).toHaveLength(2);
    expect(tokenizer.decode(learned(example), { skipSpecialTokens: true })).toBe('card arrival');
    const unknown = createExample({ messages, answer: 'something else' }, tokenizer, 0);
    expect(tokenizer.decode(learned(unknown), { skipSpecialTokens: true })).toBe('something else');
  });
});

describe('dropWords', () => {
  const tokenizer = tokenizers['its own']!;
  const example = createExample(document, tokenizer, 0);

  it('leaves out whole words of the input, never of the instruction or the answer', () => {
    const dropped = dropWords(example, 1, () => 0);
    expect(tokenizer.decode(dropped.ids)).toBe(
      '<|system|>Turn the schedule into cron.<|end|><|user|>every<|end|><|assistant|>0 12 * * *<|end|>',
    );
    expect(dropped.weights.filter((weight) => weight === 1)).toHaveLength(
      example.weights.filter((weight) => weight === 1).length,
    );
  });

  it('gives the same tokens as the shorter text', () => {
    const draws = [0.9, 0.1, 0.9];
    const dropped = dropWords(example, 0.5, () => draws.shift()!);
    const shorter = prompt.render({ text: 'every day noon' });
    expect(dropped.ids).toEqual(createExample({ messages: shorter, answer: '0 12 * * *' }, tokenizer, 0).ids);
  });

  it('keeps everything at probability 0', () => {
    expect(dropWords(example, 0, () => 0)).toBe(example);
  });
});
