import type { Row } from '../dataset.ts';
import { shareGptRoles } from '../share-gpt-roles.ts';

/** A turn of a conversation, as TRL and chat templates take it. */
export interface Message {
  readonly role: string;
  readonly content: string;
}

/** A format that rows of training data have elsewhere. */
export interface RowShape {
  readonly name:
    | 'conversations (messages)'
    | 'ShareGPT conversations'
    | 'preference pairs (DPO)'
    | 'judged completions (KTO)'
    | 'prompts and completions'
    | 'alpaca instructions';
  /** Columns without which it is not this one, and columns that may be there. */
  readonly needs: readonly string[];
  readonly optional: readonly string[];
  /** Whether a row with these columns keeps to the format. */
  fits(row: Row): boolean;
  /** The row with conversations in place of those columns, as TRL takes them. */
  toConversation(row: Row): Record<string, unknown>;
}

/** The formats, in the order in which they are looked for: one that needs more stands before one that needs less of the same. */
export const rowShapes: readonly RowShape[] = [
  {
    name: 'conversations (messages)',
    needs: ['messages'],
    optional: ['tools'],
    fits: ({ messages }) => isConversation(messages),
    toConversation: ({ messages }) => ({ messages }),
  },
  {
    name: 'ShareGPT conversations',
    needs: ['conversations'],
    optional: ['system'],
    fits: ({ conversations }) => isConversation(turns(conversations)),
    toConversation: ({ conversations, system }) => ({
      messages: [...said('system', system), ...turns(conversations)!],
    }),
  },
  {
    name: 'preference pairs (DPO)',
    needs: ['chosen', 'rejected'],
    optional: ['prompt'],
    fits: ({ prompt, chosen, rejected }) =>
      isAnswer(chosen) && isAnswer(rejected) && (prompt === undefined || prompt === null || isAnswer(prompt)),
    toConversation: ({ prompt, chosen, rejected }) => ({
      ...(prompt === undefined || prompt === null ? {} : { prompt: messagesOf('user', prompt) }),
      chosen: messagesOf('assistant', chosen),
      rejected: messagesOf('assistant', rejected),
    }),
  },
  {
    name: 'judged completions (KTO)',
    needs: ['prompt', 'completion', 'label'],
    optional: [],
    fits: ({ prompt, completion, label }) => isAnswer(prompt) && isAnswer(completion) && typeof label === 'boolean',
    toConversation: ({ prompt, completion, label }) => ({
      prompt: messagesOf('user', prompt),
      completion: messagesOf('assistant', completion),
      label,
    }),
  },
  {
    name: 'prompts and completions',
    needs: ['prompt', 'completion'],
    optional: [],
    fits: ({ prompt, completion }) => isAnswer(prompt) && isAnswer(completion),
    toConversation: ({ prompt, completion }) => ({
      messages: [...messagesOf('user', prompt), ...messagesOf('assistant', completion)],
    }),
  },
  {
    name: 'alpaca instructions',
    needs: ['instruction', 'output'],
    optional: ['input', 'system'],
    fits: ({ instruction, output }) => isText(instruction) && isText(output),
    toConversation: ({ instruction, input, output, system }) => ({
      messages: [
        ...said('system', system),
        ...said('user', isText(input) ? `${String(instruction)}\n\n${input}` : instruction),
        ...said('assistant', output),
      ],
    }),
  },
];

const roles = new Set(['system', 'user', 'assistant', 'tool']);

/** ShareGPT's turns as messages, also where they are called role and content there; undefined for anything else. */
function turns(value: unknown): Message[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return (value as (Record<string, unknown> | null)[]).map((turn) => ({
    role: shareGptRoles[String(turn?.from ?? turn?.role)] ?? '',
    content: (turn?.value ?? turn?.content ?? '') as string,
  }));
}

/** At least two turns of known roles, each of which says something, and one of them by the assistant. */
function isConversation(value: unknown): boolean {
  if (!Array.isArray(value) || value.length < 2) return false;
  return value.every(isMessage) && (value as Message[]).some(({ role }) => role === 'assistant');
}

function isMessage(value: unknown): boolean {
  const { role, content } = (value ?? {}) as Partial<Message>;
  return roles.has(role ?? '') && isText(content);
}

function isAnswer(value: unknown): boolean {
  return isText(value) || (Array.isArray(value) && value.length > 0 && value.every(isMessage));
}

function messagesOf(role: string, value: unknown): unknown[] {
  return Array.isArray(value) ? value : said(role, value);
}

function said(role: string, content: unknown): Message[] {
  return isText(content) ? [{ role, content }] : [];
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
