import { setImmediate as yieldToEvents } from 'node:timers/promises';
import { labelTokenText } from '../engine/tokenizer.ts';
import type { Tokenizer } from '../engine/types.ts';
import { encodePrompt, formatExample } from '../prompt/format.ts';
import { renderConversation, splitConversation } from './conversation.ts';
import type { ChatDocument, ConversationDocument, Document, TextDocument } from './documents.ts';

/** A training sequence. */
export interface Example {
  readonly ids: readonly number[];
  /** What predicting each token counts in the loss; the first is never predicted. */
  readonly weights: readonly number[];
  /** Token ranges [start, end) of input words that word dropout may leave out. */
  readonly words: readonly (readonly [number, number])[];
  /** The row that it was made from: `Row 3 of "tickets"`. */
  readonly where?: string;
}

/** Sequences, and how many conversations had to be cut into one sequence per learned turn. */
export interface Examples {
  readonly examples: Example[];
  readonly splitConversations: number;
}

/** The sequences of documents, made in slices so that the process can be told to stop. Rejects when `signal` aborts. */
export async function createExamples(
  documents: readonly Document[],
  tokenizer: Tokenizer,
  promptWeight: number,
  signal: AbortSignal,
): Promise<Examples> {
  const examples: Example[] = [];
  let splitConversations = 0;
  for (const [i, document] of documents.entries()) {
    if (i % sliceDocuments === 0) await yieldToEvents();
    signal.throwIfAborted();
    const made = createExamplesOf(document, tokenizer, promptWeight);
    if (made.length > 1) splitConversations++;
    for (const example of made) examples.push({ ...example, where: document.where });
  }
  return { examples, splitConversations };
}

const sliceDocuments = 256;

/** The sequence of a document; several for a conversation whose turns one sequence cannot teach. */
export function createExamplesOf(document: Document, tokenizer: Tokenizer, promptWeight: number): Example[] {
  if (!('conversation' in document)) return [createExample(document, tokenizer, promptWeight)];
  const pieces = renderConversation(document, tokenizer);
  if (pieces === undefined) {
    return splitConversation(document).map((turn) => createExample(turn, tokenizer, promptWeight));
  }
  const parts = pieces.map(({ text, learned }) => ({
    ids: tokenizer.encode(text, { addSpecialTokens: false }),
    learned,
  }));
  return [{ ...joinParts(parts, promptWeight), words: [] }];
}

/**
 * The sequence of a document: what serving sends for its messages, then the answer and the end-of-text token.
 * Answer tokens weigh 1, prompt tokens `promptWeight`.
 */
export function createExample(
  document: Exclude<Document, ConversationDocument>,
  tokenizer: Tokenizer,
  promptWeight: number,
): Example {
  const parts = 'pieces' in document ? textParts(document, tokenizer) : chatParts(document, tokenizer);
  if (parts.at(-1)?.ids.at(-1) !== tokenizer.eosTokenId) parts.push({ ids: [tokenizer.eosTokenId], learned: true });
  return {
    ...joinParts(parts, promptWeight),
    words: 'pieces' in document ? [] : inputWords(document, parts[0]!.ids, tokenizer),
  };
}

function joinParts(parts: readonly Part[], promptWeight: number): Pick<Example, 'ids' | 'weights'> {
  return {
    ids: parts.flatMap((part) => part.ids),
    weights: parts.flatMap((part) => part.ids.map(() => (part.learned ? 1 : promptWeight))),
  };
}

interface Part {
  ids: number[];
  learned: boolean;
}

function textParts({ pieces }: TextDocument, tokenizer: Tokenizer): Part[] {
  return pieces.map(({ text, learned }, i) => ({
    ids: tokenizer.encode(text, { addSpecialTokens: i === 0 }),
    learned,
  }));
}

function chatParts({ messages, answer }: ChatDocument, tokenizer: Tokenizer): Part[] {
  const { completion } = formatExample(messages, labelled(answer, tokenizer), tokenizer);
  return [
    { ids: encodePrompt(messages, tokenizer), learned: false },
    { ids: tokenizer.encode(completion, { addSpecialTokens: false }), learned: true },
  ];
}

/** The answer as text that encodes to its label token, where the tokenizer has one. */
function labelled(answer: string, tokenizer: Tokenizer): string {
  const label = labelTokenText(answer);
  return tokenizer.encode(label, { addSpecialTokens: false }).length === 1 ? label : answer;
}

/** A copy in which each input word is left out with the given probability. */
export function dropWords(example: Example, probability: number, random: () => number): Example {
  const dropped = example.words.filter(() => random() < probability);
  if (dropped.length === 0) return example;
  const isKept = example.ids.map(() => true);
  for (const [start, end] of dropped) isKept.fill(false, start, end);
  return {
    ids: example.ids.filter((_, i) => isKept[i]),
    weights: example.weights.filter((_, i) => isKept[i]),
    words: [],
  };
}

/** The words of the last user message within the prompt's tokens: a word starts at a token that starts with a space. */
function inputWords(
  { messages }: ChatDocument,
  promptIds: readonly number[],
  tokenizer: Tokenizer,
): [number, number][] {
  const content = messages.findLast((message) => message.role === 'user')?.content ?? '';
  const inner = tokenizer.encode(content, { addSpecialTokens: false }).slice(1);
  const start = lastIndexOf(promptIds, inner);
  if (start < 0) return [];
  const end = start + inner.length;
  const starts = inner.flatMap((id, i) => (tokenizer.decode([id]).startsWith(' ') ? [start + i] : []));
  return starts.map((wordStart, i) => [wordStart, starts[i + 1] ?? end]);
}

function lastIndexOf(ids: readonly number[], part: readonly number[]): number {
  for (let start = ids.length - part.length; start >= 0; start--) {
    if (part.every((id, i) => ids[start + i] === id)) return start;
  }
  return -1;
}
