import { describe, expect, it } from 'vitest';
import { trainTokenizer } from '../../../magics/engine/tokenizer.ts';
import type { ChatMessage, Tokenizer } from '../../../magics/engine/types.ts';
import { renderConversation, splitConversation } from '../../../magics/finetune/conversation.ts';
import type { ConversationDocument } from '../../../magics/finetune/documents.ts';
import { createExample, createExamples, createExamplesOf } from '../../../magics/finetune/examples.ts';

const turn = (role: ChatMessage['role'], content: string): ChatMessage => ({ role, content });
const conversation = [
  turn('system', 'Be brief.'),
  turn('user', 'Two and two?'),
  turn('assistant', 'Four.'),
  turn('user', 'And three?'),
  turn('assistant', 'Seven.'),
];
const chatMl = "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}";
const generation = "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
/** Leaves the reasoning of earlier answers out, as templates of reasoning models do. */
const forgetful =
  "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' }}{% if m.role == 'assistant' and loop.last %}{{ '<think></think>' }}{% endif %}" +
  "{{ m.content + '<|im_end|>\\n' }}{% endfor %}";

function tokenizerWith(chatTemplate: string): Tokenizer {
  return trainTokenizer(
    conversation.map(({ content }) => content),
    { vocabularySize: 300, specialTokens: ['<|im_start|>', '<|im_end|>'], eosToken: '<|im_end|>', chatTemplate },
  );
}

const consistent = tokenizerWith(chatMl + generation);
const inconsistent = tokenizerWith(forgetful + generation);
const document: ConversationDocument = { conversation, learned: ['assistant'] };
const learnedText = (tokenizer: Tokenizer, given: ConversationDocument): string[] =>
  createExamplesOf(given, tokenizer, 0).map(({ ids, weights }) =>
    tokenizer.decode(ids.filter((_, i) => weights[i] === 1)),
  );

describe('a conversation', () => {
  it('becomes one sequence whose tokens are those of its rendering', () => {
    const [example, ...others] = createExamplesOf(document, consistent, 0);
    expect(others).toEqual([]);
    expect(consistent.decode(example!.ids)).toBe(consistent.applyChatTemplate(conversation).trimEnd());
  });

  it('is learned at the assistant turns with their ends, nowhere else', () => {
    expect(learnedText(consistent, document)).toEqual(['Four.<|im_end|>Seven.<|im_end|>']);
  });

  it('learns the answers in the same places as each answer alone', () => {
    const [whole] = createExamplesOf(document, consistent, 0);
    for (const alone of splitConversation(document)) {
      const { ids, weights } = createExample(alone, consistent, 0);
      expect(whole!.ids.slice(0, ids.length)).toEqual(ids);
      const last = weights.lastIndexOf(0) + 1;
      expect(whole!.weights.slice(last, ids.length)).toEqual(weights.slice(last));
    }
  });

  it('is learned at the turns of other roles when they are asked for', () => {
    expect(learnedText(consistent, { conversation, learned: ['user', 'assistant'] })).toEqual([
      '<|im_start|>user\nTwo and two?<|im_end|>Four.<|im_end|><|im_start|>user\nAnd three?<|im_end|>Seven.<|im_end|>',
    ]);
  });

  it('weighs what is not learned as much as asked', () => {
    const [example] = createExamplesOf(document, consistent, 1);
    expect(new Set(example!.weights)).toEqual(new Set([1]));
  });

  it('is cut into a sequence per answer where the template renders earlier turns differently later', async () => {
    expect(renderConversation(document, inconsistent)).toBeUndefined();
    expect(learnedText(inconsistent, document)).toEqual([
      '<think></think>Four.<|im_end|>',
      '<think></think>Seven.<|im_end|>',
    ]);
    const { examples, splitConversations } = await createExamples(
      [{ ...document, where: 'Row 1 of "chats"' }],
      inconsistent,
      0,
      new AbortController().signal,
    );
    expect(splitConversations).toBe(1);
    expect(examples.map(({ where }) => where)).toEqual(['Row 1 of "chats"', 'Row 1 of "chats"']);
  });

  it('is cut into a sequence per answer where there is no template, or it writes no end of a turn', () => {
    const endless = "{% for m in messages %}{{ m.role + ': ' + m.content + '\\n' }}{% endfor %}";
    for (const template of ['', endless]) {
      const texts = learnedText(tokenizerWith(template), document);
      expect(texts).toHaveLength(2);
      for (const text of texts) expect(text.endsWith('<|im_end|>')).toBe(true);
    }
  });
});
