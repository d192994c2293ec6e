import type { ChatMessage, Tokenizer } from '../engine/types.ts';
import { formatForModel } from '../prompt/format.ts';
import type { ChatDocument, ConversationDocument } from './documents.ts';

/** A piece of a rendered conversation. */
export interface ConversationPiece {
  readonly text: string;
  readonly learned: boolean;
}

/**
 * The conversation as the chat template renders it, cut where learned turns begin and end: an assistant's turn begins
 * after the generation prompt that serving ends with. Undefined when the template does not render each prefix of the
 * conversation as the beginning of the next (some leave out earlier turns' reasoning), writes no end after a turn, or is
 * missing: then one sequence cannot teach all turns as serving will ask for them.
 */
export function renderConversation(
  { conversation, learned }: ConversationDocument,
  tokenizer: Tokenizer,
): ConversationPiece[] | undefined {
  if (!tokenizer.hasChatTemplate) return undefined;
  const whole = tokenizer.applyChatTemplate(conversation);
  const pieces: ConversationPiece[] = [];
  let end = 0;
  for (const [i, { role, content }] of conversation.entries()) {
    if (!learned.includes(role)) continue;
    const before = renderBefore(conversation.slice(0, i), role, tokenizer);
    const after = tokenizer.applyChatTemplate(conversation.slice(0, i + 1)).trimEnd();
    const isConsistent = whole.startsWith(after) && after.startsWith(before) && before.length >= end;
    if (!isConsistent || after.endsWith(content)) return undefined;
    pieces.push({ text: whole.slice(end, before.length), learned: false });
    pieces.push({ text: whole.slice(before.length, after.length), learned: true });
    end = after.length;
  }
  return pieces.filter(({ text }) => text !== '');
}

/** The learned turns one by one, each after exactly what serving would send for the messages before it. */
export function splitConversation({ conversation, learned }: ConversationDocument): ChatDocument[] {
  return conversation.flatMap(({ role, content }, i) =>
    learned.includes(role) ? [{ messages: conversation.slice(0, i), answer: content }] : [],
  );
}

function renderBefore(messages: readonly ChatMessage[], role: ChatMessage['role'], tokenizer: Tokenizer): string {
  if (role === 'assistant') return formatForModel(messages, tokenizer);
  return messages.length === 0 ? '' : tokenizer.applyChatTemplate(messages);
}
