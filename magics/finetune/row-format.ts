import type { Dataset } from '../dataset/dataset.ts';
import { suggestion, UserError } from '../errors.ts';
import type { Prompt } from '../prompt/prompt.ts';
import type { DatasetEntry } from './config.ts';
import type { RowFormat } from './documents.ts';

/**
 * How the rows of a data set become training sequences: through the entry's prompt, as its `type` says, or as its
 * columns show. A UserError names the column that is missing, or the shapes that would do.
 */
export function chooseRowFormat(
  entry: Pick<DatasetEntry, 'target' | 'type' | 'field' | 'roles_to_train'>,
  dataset: Dataset,
  prompt?: Prompt,
): RowFormat {
  const columns = dataset.columns.map((column) => column.name);
  if (prompt !== undefined) return promptFormat(prompt, entry.target, dataset.name, columns);
  const shapes = shapesOf(columns, entry);
  if (entry.type !== undefined) {
    const { format, needs } = shapes[entry.type];
    requireColumns(dataset.name, columns, needs, `type: ${entry.type}`);
    return format;
  }
  if (entry.field !== undefined) {
    requireColumns(dataset.name, columns, [entry.field], `field: ${entry.field}`);
    return shapes[typeOfField(dataset, entry.field)].format;
  }
  const fitting = Object.values(shapes).find(({ needs }) => needs.every((column) => columns.includes(column)));
  if (fitting === undefined) throw shapeUnknown(dataset.name, columns);
  return fitting.format;
}

/** What a named column holds when no `type` says it: text, labelled segments, or the messages of a conversation. */
function typeOfField(dataset: Dataset, field: string): NonNullable<DatasetEntry['type']> {
  const { type } = dataset.columns.find(({ name }) => name === field)!;
  if (!type.includes('[]')) return 'completion';
  return type.includes('label') ? 'input_output' : 'chat_template';
}

type Shape = { format: RowFormat; needs: readonly string[] };

/** In the order in which they are looked for. */
function shapesOf(
  columns: readonly string[],
  { field, roles_to_train: roles }: Pick<DatasetEntry, 'field' | 'roles_to_train'>,
): Record<NonNullable<DatasetEntry['type']>, Shape> {
  const messages = field ?? (columns.includes('conversations') ? 'conversations' : 'messages');
  const segments = field ?? 'segments';
  const text = field ?? 'text';
  return {
    chat_template: { format: { kind: 'messages', column: messages, ...(roles && { roles }) }, needs: [messages] },
    prompt_completion: { format: { kind: 'prompt_completion' }, needs: ['prompt', 'completion'] },
    alpaca: { format: { kind: 'alpaca' }, needs: ['instruction', 'output'] },
    input_output: { format: { kind: 'input_output', column: segments }, needs: [segments] },
    completion: { format: { kind: 'completion', column: text }, needs: [text] },
  };
}

/** The answer's column is named, or called like the prompt, or the only one that is no input. */
function promptFormat(
  prompt: Prompt,
  target: string | undefined,
  dataset: string,
  columns: readonly string[],
): RowFormat {
  const inputs = prompt.inputs.filter((input) => input.required).map((input) => input.name);
  requireColumns(dataset, columns, inputs, `prompt "${prompt.name}"`);
  const others = columns.filter((column) => !prompt.inputs.some((input) => input.name === column));
  const answer = target ?? (others.includes(prompt.name) || others.length !== 1 ? prompt.name : others[0]!);
  if (target === undefined && !others.includes(answer)) throw targetUnclear(prompt.name, dataset, others);
  requireColumns(dataset, columns, [answer], 'the target');
  return { kind: 'prompt', name: prompt.name, source: prompt.source, target: answer };
}

function requireColumns(dataset: string, columns: readonly string[], needs: readonly string[], why: string): void {
  const missing = needs.find((name) => !columns.includes(name));
  if (missing !== undefined) throw columnMissing(dataset, columns, missing, why);
}

function columnMissing(dataset: string, columns: readonly string[], missing: string, why: string): UserError {
  return new UserError(
    `Data set "${dataset}" has no column "${missing}", which ${why} needs.${suggestion(missing, columns, 'Columns')}`,
    { offending: missing },
  );
}

function targetUnclear(prompt: string, dataset: string, others: readonly string[]): UserError {
  return new UserError(
    `Which column of "${dataset}" is the answer to prompt "${prompt}"? Add "target:" with one of: ${others.join(', ')}.`,
    { offending: prompt },
  );
}

function shapeUnknown(dataset: string, columns: readonly string[]): UserError {
  return new UserError(
    `The columns of "${dataset}" (${columns.join(', ')}) do not show what to learn. Name a prompt and a target, or use one ` +
      'of these shapes: messages; prompt and completion; instruction, input and output; segments; text.',
  );
}
