import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Row } from '../dataset/dataset.ts';
import type { ChatMessage } from '../engine/types.ts';
import { UserError } from '../errors.ts';
import { createPrompt } from '../prompt/prompt.ts';

/** How a row is read. Made where the cell runs (columns are checked there), carried out in the worker. */
export const rowFormat = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('prompt'), name: z.string(), source: z.string(), target: z.string() }),
  z.strictObject({ kind: z.literal('completion'), column: z.string() }),
  z.strictObject({ kind: z.literal('messages'), column: z.string() }),
  z.strictObject({ kind: z.literal('alpaca') }),
  z.strictObject({ kind: z.literal('prompt_completion') }),
  z.strictObject({ kind: z.literal('input_output'), column: z.string() }),
]);
export type RowFormat = z.output<typeof rowFormat>;

/** Messages and the answer to learn. */
export interface ChatDocument {
  readonly messages: readonly ChatMessage[];
  readonly answer: string;
}

/** Plain text, of which some pieces are learned. */
export interface TextDocument {
  readonly pieces: readonly { readonly text: string; readonly learned: boolean }[];
}

/** What one training sequence says. */
export type Document = ChatDocument | TextDocument;

const message = z.object({ role: z.enum(['system', 'user', 'assistant', 'tool']), content: z.string() });
const shareGptTurn = z.object({ from: z.string(), value: z.string() });
const shareGptRoles: Record<string, ChatMessage['role']> = {
  system: 'system',
  human: 'user',
  user: 'user',
  gpt: 'assistant',
  assistant: 'assistant',
  tool: 'tool',
};
const turns = z.union([z.array(message), z.array(shareGptTurn).transform((list) => list.map(fromShareGpt))]);
const segments = z.array(z.object({ text: z.string(), label: z.boolean() }));
const promptAndCompletion = z.union([
  z.object({ prompt: z.string(), completion: z.string() }).transform(({ prompt, completion }) => ({
    pieces: [
      { text: prompt, learned: false },
      { text: completion, learned: true },
    ],
  })),
  z
    .object({ prompt: z.array(message), completion: z.tuple([message]) })
    .transform(({ prompt, completion }) => ({ messages: prompt, answer: completion[0].content })),
]);
const answerText = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const instruction = z.object({ instruction: z.string(), input: z.string().nullish(), output: z.string() });

/** Rows of one data set, frozen: a content-addressed JSON Lines file and how its rows are read. */
export const rowSource = z.strictObject({
  name: z.string(),
  file: z.string().describe('absolute path'),
  format: rowFormat,
});
export type RowSource = z.output<typeof rowSource>;

/** The documents of a data set, in the order of its rows. */
export async function readSource({ name, file, format }: RowSource): Promise<Document[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  const render = await createRenderer(format);
  return lines.flatMap((line, i) => readDocuments(JSON.parse(line), format, `Row ${i + 1} of "${name}"`, render));
}

/** What turns a row into messages: the prompt's own rendering; other formats need none. */
export async function createRenderer(format: RowFormat): Promise<(row: Row) => readonly ChatMessage[]> {
  if (format.kind !== 'prompt') return () => [];
  const prompt = await createPrompt(format.name, format.source);
  return (row) => prompt.renderRow(row);
}

/**
 * The documents of a row: one, or in a conversation one for each assistant message, so that every answer is learned
 * after exactly what serving would send. `render` turns a row into the prompt's messages. A UserError names the row.
 */
export function readDocuments(
  row: Row,
  format: RowFormat,
  where: string,
  render: (row: Row) => readonly ChatMessage[],
): Document[] {
  switch (format.kind) {
    case 'prompt':
      return [{ messages: render(row), answer: parse(answerText, present(row, format.target, where), where) }];
    case 'completion':
      return [{ pieces: [{ text: parse(z.string(), row[format.column], where), learned: true }] }];
    case 'messages':
      return fromConversation(parse(turns, decoded(row[format.column]), where));
    case 'alpaca': {
      const { instruction: asked, input, output } = parse(instruction, row, where);
      return [{ messages: [{ role: 'user', content: input ? `${asked}\n\n${input}` : asked }], answer: output }];
    }
    case 'prompt_completion':
      return [parse(promptAndCompletion, { prompt: decoded(row.prompt), completion: decoded(row.completion) }, where)];
    case 'input_output': {
      const list = parse(segments, decoded(row[format.column]), where);
      return [{ pieces: list.map(({ text, label }) => ({ text, learned: label })) }];
    }
  }
}

/** All text of a document, for training a tokenizer. */
export function textsOf(document: Document): string[] {
  if ('pieces' in document) return document.pieces.map((piece) => piece.text);
  return [...document.messages.map((m) => m.content), document.answer];
}

function fromConversation(messages: readonly ChatMessage[]): Document[] {
  return messages.flatMap(({ role, content }, i) =>
    role === 'assistant' ? [{ messages: messages.slice(0, i), answer: content }] : [],
  );
}

function fromShareGpt({ from, value }: z.output<typeof shareGptTurn>): ChatMessage {
  return { role: shareGptRoles[from] ?? 'user', content: value };
}

/** Lists come as JSON text from files that know no lists (CSV). */
function decoded(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function present(row: Row, column: string, where: string): unknown {
  const value = row[column];
  if (value === null || value === undefined) throw answerMissing(column, where);
  return value;
}

function parse<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (!result.success) throw rowUnreadable(where, z.prettifyError(result.error));
  return result.data;
}

function answerMissing(column: string, where: string): UserError {
  return new UserError(`${where} has no "${column}", the answer to learn. Fill it in or leave the row out.`);
}

function rowUnreadable(where: string, reason: string): UserError {
  return new UserError(`${where} does not have the shape that its data set was given as: ${reason}`);
}
