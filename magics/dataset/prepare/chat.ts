import { z } from 'zod';
import { suggestion, UserError } from '../../errors.ts';
import type { Dataset, Row } from '../dataset.ts';
import { count } from '../display.ts';
import { type Message, type RowShape, rowShapes } from '../evidence/row-shapes.ts';
import { describeFormat, recogniseFormat } from '../evidence/training-format.ts';
import { mapRows } from '../map-rows.ts';
import { asOption, checkColumn, datasetOption, listOption } from '../options.ts';
import { textOf } from '../text.ts';
import { listedRows, rowsToShow } from './row-table.ts';
import { createRowTally } from './row-tally.ts';
import { defineStep, type StepInput, type StepOutcome } from './step.ts';

const options = z.strictObject({
  data: datasetOption.describe('data set or file'),
  user: z
    .string()
    .min(1)
    .optional()
    .describe('a column, or a template: "Ticket: {{text}}"; without it, rows of a known format are converted'),
  assistant: z.string().min(1).optional().describe('a column, or a template of the answer'),
  system: z.string().min(1).optional().describe('the same for the system message; plain text is a template too'),
  keep: listOption.optional().describe('columns to keep beside the conversations'),
  as: asOption,
});
type Options = z.output<typeof options>;

/** Makes a conversation of each row: from templates, or from the format that the rows are in (alpaca, ShareGPT, TRL, DPO). */
export const chat = defineStep({
  verb: 'chat',
  summary: 'Make conversations of the rows: from templates of their columns, or from alpaca, ShareGPT, prompts, DPO.',
  example: '%dataset chat tickets --system "Route the ticket." --user "Ticket: {{text}}" --assistant label --as turns',
  suffix: 'chat',
  options,
  apply(input, options) {
    const { user, assistant, system } = options;
    if (user !== undefined && assistant !== undefined) return fromTemplates(input, { ...options, user, assistant });
    if (user !== undefined || assistant !== undefined || system !== undefined) throw halfTemplate(options);
    return fromFormat(input, options);
  },
});

function fromTemplates(
  input: StepInput,
  { user, assistant, system, keep }: Options & { readonly user: string; readonly assistant: string },
): Promise<StepOutcome> {
  const { source } = input;
  const render = {
    ...(system === undefined ? {} : { system: template(source, system, false) }),
    user: template(source, user, true),
    assistant: template(source, assistant, true),
  };
  const isWhole = (messages: readonly Message[]) => messages.every(({ content }) => content.trim() !== '');
  const converse = (row: Row) => {
    const messages = Object.entries(render).map(([role, of]) => ({ role, content: of(row) }));
    return isWhole(messages) ? { messages } : undefined;
  };
  const how = `as conversations of ${Object.keys(render).join(', ')}`;
  return converseAll(input, converse, keep, how, 'in which a message would be empty');
}

/** The rows' own format, converted; rows that do not keep to it are left out and shown. */
function fromFormat(input: StepInput, { keep }: Options): Promise<StepOutcome> {
  const { source } = input;
  const format = recogniseFormat(source);
  if (format === undefined) throw formatUnknown(source);
  const shape = rowShapes.find(({ name }) => name === format.name) as RowShape;
  const converse = (row: Row) => (shape.fits(row) ? shape.toConversation(row) : undefined);
  return converseAll(input, converse, keep, `from ${describeFormat(format)}`, 'that do not keep to it');
}

async function converseAll(
  input: StepInput,
  converse: (row: Row) => Row | undefined,
  keep: readonly string[] = [],
  how: string,
  whyNot: string,
): Promise<StepOutcome> {
  const { source } = input;
  const kept = keep.map((name) => checkColumn(source, name));
  const removed = createRowTally(listedRows);
  const toRow = (row: Row, at: number) => {
    const conversation = converse(row);
    if (conversation === undefined) removed.add(at);
    return conversation && { ...conversation, ...Object.fromEntries(kept.map((name) => [name, row[name]])) };
  };
  const table = await mapRows(input, toRow, { sameColumns: false, none: () => nothingToSay(source) });
  const without = removed.count === 0 ? '' : ` without ${count(removed.count, 'row')} ${whyNot}`;
  return {
    table,
    note: `${how}${without}`,
    shown: [await rowsToShow('incomplete row', source, removed.first, { total: removed.count })],
  };
}

/** Text of a row from `{{column}}` in a template, or from the column that the template names; empty where all of its columns are. */
function template(source: Dataset, text: string, mustVary: boolean): (row: Row) => string {
  const names = source.columns.map(({ name }) => name);
  const whole = names.includes(text) ? `{{${text}}}` : text;
  const used = [...whole.matchAll(/\{\{\s*(.*?)\s*\}\}/g)].map(([, name]) => checkColumn(source, name!));
  if (mustVary && used.length === 0) throw sameForAll(source, text, names);
  return (row) => {
    const texts = new Map(used.map((name) => [name, textOf(row[name])]));
    if (texts.size > 0 && [...texts.values()].every((said) => said.trim() === '')) return '';
    return whole.replaceAll(/\{\{\s*(.*?)\s*\}\}/g, (_, name: string) => texts.get(name)!);
  };
}

function halfTemplate({ user, assistant }: Options): UserError {
  const missing = [...(user === undefined ? ['--user'] : []), ...(assistant === undefined ? ['--assistant'] : [])];
  return new UserError(
    `A conversation needs ${missing.join(' and ')} too: a column, or a template such as "Ticket: {{text}}".`,
    { offending: 'chat' },
  );
}

function formatUnknown(source: Dataset): UserError {
  const shapes = rowShapes.map(({ name, needs }) => `${name}: ${needs.join(', ')}`).join('; ');
  return new UserError(
    `The columns of ${source.name} (${source.columns.map(({ name }) => name).join(', ')}) are no format that can be converted. Say what is said with --user and --assistant. Known formats by their columns: ${shapes}.`,
    { offending: source.name },
  );
}

function sameForAll(source: Dataset, text: string, names: readonly string[]): UserError {
  const hint = suggestion(text, names, 'Columns');
  return new UserError(
    `"${text}" is no column of ${source.name} and holds no {{column}}, so it would be the same in every row.${hint}`,
    { offending: text },
  );
}

function nothingToSay(source: Dataset): UserError {
  return new UserError(
    `Every row of ${source.name} leaves a message empty. Look at the columns with: %dataset profile ${source.name}`,
  );
}
