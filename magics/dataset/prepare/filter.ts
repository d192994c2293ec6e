import type { ColumnTable } from 'arquero';
import { z } from 'zod';
import { suggestion, UserError } from '../../errors.ts';
import { aliases, type Dataset } from '../dataset.ts';
import { count } from '../display.ts';
import { percent } from '../finding.ts';
import { rowCountOf } from '../large/large-rows.ts';
import { withQuery } from '../large/query.ts';
import { columnList, selectRows } from '../large/select-rows.ts';
import { asOption, datasetOption } from '../options.ts';
import { rowsToShow } from './row-table.ts';
import { rowsWithout } from './rows-by-key.ts';
import { defineStep, type StepInput, type StepOutcome } from './step.ts';

/** Keeps the rows for which an expression over the columns is true. */
export const filter = defineStep({
  verb: 'filter',
  summary: 'Keep the rows for which an expression over the columns, or a condition in SQL, is true.',
  example: '%dataset filter tickets --where "length(text) > 10 && label != \'spam\'" --as useful',
  suffix: 'filtered',
  options: z.strictObject({
    data: datasetOption.describe('data set or file'),
    where: z
      .string()
      .min(1)
      .optional()
      .describe(
        "arquero expression over the columns, by name or as row => row.label: && || ! == < +, length, lower, match, startswith; for example length(text) > 10 && label != 'spam'",
      ),
    sql: z
      .string()
      .min(1)
      .optional()
      .describe(
        "the same as a condition in DuckDB's SQL, also for rows on disk: length(text) > 10 AND label <> 'spam'",
      ),
    as: asOption,
  }),
  async apply(input, { where, sql }) {
    const condition = oneOf(where, sql);
    if (input.source.large === undefined) return filterTable(input, condition, where !== undefined);
    if (where !== undefined) throw arqueroNeedsMemory(input.source, where);
    return filterFile(input, condition);
  },
});

async function filterTable({ source, signal }: StepInput, condition: string, isArquero: boolean): Promise<StepOutcome> {
  const kept = isArquero ? matchingRows(source, condition) : await rowsWhere(source, condition, signal);
  const removed = rowsWithout(source.rowCount, kept);
  if (kept.length === 0) throw nothingLeft(source, condition);
  return {
    table: source.table.reify(kept),
    note: note(condition, removed.length, source),
    shown: [await rowsToShow('removed row', source, removed)],
  };
}

async function filterFile(input: StepInput, condition: string): Promise<StepOutcome> {
  const { source } = input;
  const query = `SELECT ${columnList(source)} FROM data WHERE (${condition}\n)`;
  const table = await selectRows(query, aliases(source), input);
  const kept = rowCountOf(table);
  if (kept === 0) throw nothingLeft(source, condition);
  return { table, note: note(condition, source.rowCount - kept, source), shown: [] };
}

function oneOf(where: string | undefined, sql: string | undefined): string {
  if ((where === undefined) === (sql === undefined)) throw oneCondition();
  return (where ?? sql)!;
}

function note(condition: string, removed: number, { rowCount }: Dataset): string {
  return `where ${condition}; ${count(removed, 'row')} removed (${percent(removed, rowCount)})`;
}

/** Numbers of the rows in memory for which a condition in SQL is true. */
async function rowsWhere(source: Dataset, condition: string, signal?: AbortSignal): Promise<number[]> {
  const place = '"row of the file"';
  const query = `SELECT ${place} AS row FROM (SELECT *, row_number() OVER () - 1 AS ${place} FROM data) WHERE (${condition}\n)`;
  const rows = await withQuery(
    query,
    aliases(source),
    (database, select) => database.rows<{ row: number }>(`FROM ${select}`),
    { signal },
  );
  return rows.map(({ row }) => row).sort((a, b) => a - b);
}

/** Numbers of the rows for which the expression is true; a missing value compares as JavaScript's null does. */
function matchingRows(source: Dataset, where: string): number[] {
  let matching: ColumnTable;
  try {
    matching = source.table.reify().filter(asFunction(source, where));
  } catch (error) {
    throw badExpression(source, where, error);
  }
  return [...matching.indices()];
}

/** `length(text) > 10` -> `({ text, label }) => (length(text) > 10)`: arquero parses it, and runs nothing but its own operators. */
function asFunction(source: Dataset, where: string): string {
  if (/^\s*(?:\w+|\([^()]*\))\s*=>/.test(where)) return where;
  const names = source.columns.map(({ name }) => name).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name));
  return `({ ${names.join(', ')} }) => (${where})`;
}

function oneCondition(): UserError {
  return new UserError(
    'Say which rows to keep: --where with an expression over the columns, or --sql with a condition in SQL.',
  );
}

function arqueroNeedsMemory({ name, rowCount }: Dataset, where: string): UserError {
  return new UserError(
    `--where works on rows in memory, and ${name} has ${count(rowCount, 'row')} on disk. Write the condition in SQL: %dataset filter ${name} --sql "length(text) > 10 AND label <> 'spam'"`,
    { offending: where },
  );
}

function badExpression(source: Dataset, where: string, error: unknown): UserError {
  const message = error instanceof Error ? error.message.split('\n')[0]! : String(error);
  const unknown = /Invalid (?:variable|column) reference: "(?:\w+\.)?([^"]+)"/.exec(message)?.[1];
  const names = source.columns.map(({ name }) => name);
  if (unknown !== undefined) {
    const text = `--where names "${unknown}", which is no column of ${source.name}.${suggestion(unknown, names, 'Columns')}`;
    return new UserError(text, { offending: unknown, cause: error });
  }
  return new UserError(
    `--where "${where}" is not an expression over the columns (${names.join(', ')}): ${message}. Functions are arquero's: length(text), lower(text), match(text, /re/), startswith(text, 'a').`,
    { offending: where, cause: error },
  );
}

function nothingLeft(source: Dataset, where: string): UserError {
  return new UserError(
    `No row of ${source.name} (${count(source.rowCount, 'row')}) is left where ${where}. Look at the rows with: %dataset show ${source.name}`,
    { offending: where },
  );
}
