import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Row } from '../dataset/dataset.ts';
import { shareGptRoles } from '../dataset/share-gpt-roles.ts';
import type { ChatMessage } from '../engine/types.ts';
import { isUserError, UserError } from '../errors.ts';
import { createPrompt } from '../prompt/prompt.ts';
import { roles } from './config.ts';

/** How a row is read. Made where the cell runs (columns are checked there), carried out in the worker. */
export const rowFormat = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('prompt'), name: z.string(), source: z.string(), target: z.string() }),
  z.strictObject({ kind: z.literal('completion'), column: z.string() }),
  z.strictObject({ kind: z.literal('messages'), column: z.string(), roles: z.array(z.enum(roles)).optional() }),
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

/** A conversation, of which the turns of some roles are learned. */
export interface ConversationDocument {
  readonly conversation: readonly ChatMessage[];
  readonly learned: readonly ChatMessage['role'][];
}

/** What one row says, and which row it is: `Row 3 of "tickets"`. */
export type Document = (ChatDocument | TextDocument | ConversationDocument) & { readonly where?: string };

const message = z.object({ role: z.enum(roles), content: z.string() });
const shareGptTurn = z.object({ from: z.string(), value: z.string() });
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
  return lines.flatMap((line, i) => {
    const where = `Row ${i + 1} of "${name}"`;
    return readDocuments(JSON.parse(line), format, where, render).map((document) => ({ ...document, where }));
  });
}

/** What turns a row into messages: the prompt's own rendering; other formats need none. */
export async function createRenderer(format: RowFormat): Promise<(row: Row) => readonly ChatMessage[]> {
  if (format.kind !== 'prompt') return () => [];
  const prompt = await createPrompt(format.name, format.source);
  return (row) => prompt.renderRow(row);
}

/**
 * The documents of a row: one, or none for a conversation in which nobody speaks who is learned from. `render` turns a
 * row into the prompt's messages. A UserError names the row.
 */
export function readDocuments(
  row: Row,
  format: RowFormat,
  where: string,
  render: (row: Row) => readonly ChatMessage[],
): Document[] {
  switch (format.kind) {
    case 'prompt':
      return [
        {
          messages: rendered(row, where, render),
          answer: parse(answerText, present(row, format.target, where), where, format),
        },
      ];
    case 'completion':
      return [{ pieces: [{ text: parse(z.string(), row[format.column], where, format), learned: true }] }];
    case 'messages':
      return fromConversation(parse(turns, decoded(row[format.column]), where, format), format.roles);
    case 'alpaca': {
      const { instruction: asked, input, output } = parse(instruction, row, where, format);
      return [{ messages: [{ role: 'user', content: input ? `${asked}\n\n${input}` : asked }], answer: output }];
    }
    case 'prompt_completion':
      return [
        parse(promptAndCompletion, { prompt: decoded(row.prompt), completion: decoded(row.completion) }, where, format),
      ];
    case 'input_output': {
      const list = parse(segments, decoded(row[format.column]), where, format);
      return [{ pieces: list.map(({ text, label }) => ({ text, learned: label })) }];
    }
  }
}

/** All text of a document, for training a tokenizer. */
export function textsOf(document: Document): string[] {
  if ('pieces' in document) return document.pieces.map((piece) => piece.text);
  if ('conversation' in document) return document.conversation.map(({ content }) => content);
  return [...document.messages.map((m) => m.content), document.answer];
}

function fromConversation(
  conversation: readonly ChatMessage[],
  learned: readonly ChatMessage['role'][] = ['assistant'],
): Document[] {
  return conversation.some(({ role }) => learned.includes(role)) ? [{ conversation, learned }] : [];
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

function parse<T>(schema: z.ZodType<T>, value: unknown, where: string, format: RowFormat): T {
  const result = schema.safeParse(value);
  if (!result.success) throw rowUnreadable(where, format, value);
  return result.data;
}

function rendered(row: Row, where: string, render: (row: Row) => readonly ChatMessage[]): readonly ChatMessage[] {
  try {
    return render(row);
  } catch (cause) {
    throw isUserError(cause) ? rowNotRendered(where, cause) : cause;
  }
}

function rowNotRendered(where: string, cause: UserError): UserError {
  return new UserError(`${where} does not fit the prompt. ${cause.message}`, { cause });
}

function answerMissing(column: string, where: string): UserError {
  return new UserError(`${where} has no "${column}", the answer to learn. Fill it in or leave the row out.`);
}

/** What each format asks of a row. */
const expectedRows: Record<RowFormat['kind'], string> = {
  prompt: 'a text, number or boolean as the answer',
  completion: 'a text',
  messages: 'a list of { role, content } with the roles system, user, assistant and tool, or of { from, value }',
  alpaca: 'texts in the columns instruction and output, and input if there is one',
  prompt_completion: 'texts, or lists of messages, in the columns prompt and completion',
  input_output: 'a list of { text, label } whose label is true where the text is learned',
};

function rowUnreadable(where: string, format: RowFormat, value: unknown): UserError {
  const column = 'column' in format ? ` in column "${format.column}"` : '';
  const seen = JSON.stringify(value)?.slice(0, 80) ?? 'nothing';
  return new UserError(
    `${where} cannot be learned from: ${expectedRows[format.kind]} was expected${column}, not ${seen}. ` +
      'Mend the row, or say what the rows are with "type:".',
  );
}
