import { z } from 'zod';
import type { Dataset } from '../dataset.ts';
import { count } from '../display.ts';
import { percent } from '../finding.ts';
import { identifier } from '../large/database.ts';
import { rowCountOf } from '../large/large-rows.ts';
import { columnList, comparableSql, numberedRows, selectRows } from '../large/select-rows.ts';
import { asOption, checkColumn, datasetListOption, datasetOption, listOption } from '../options.ts';
import { lookAtTexts, takeRows } from '../take-rows.ts';
import { comparedColumns } from './compared-columns.ts';
import { findRemovals, type Removal } from './find-removals.ts';
import { listedRows, type RowTable } from './row-table.ts';
import { rowsWithout } from './rows-by-key.ts';
import { defineStep, type StepInput, type StepOutcome } from './step.ts';

const options = z.strictObject({
  data: datasetOption.describe('data set or file'),
  on: listOption.optional().describe('columns to compare; all when absent, the texts with --near and --against'),
  normalize: z.boolean().optional().describe('ignore case and white space'),
  near: z
    .number()
    .min(0.5)
    .max(1)
    .optional()
    .describe('also remove texts at least this alike (Jaccard of 5-character shingles), for example 0.85'),
  against: datasetListOption
    .optional()
    .describe(
      'other data sets, for example the test set: rows that stand there too (case, space, punctuation aside) are removed',
    ),
  as: asOption,
});
type Options = z.output<typeof options>;

/** Removes rows that repeat an earlier one, or stand in another data set, and shows both. */
export const dedup = defineStep({
  verb: 'dedup',
  summary: 'Remove rows that repeat an earlier one, exactly or nearly.',
  example: '%dataset dedup schedules --on text --near 0.85 --as clean',
  suffix: 'dedup',
  references: 'against',
  options,
  async apply(input, options) {
    const { source, references } = input;
    const isPlain = options.near === undefined && options.against === undefined;
    if (isPlain && source.large !== undefined) return dedupFile(input, options);
    const columns = columnsOf(source, options);
    const removals = await findRemovals(input, columns, options);
    const removed = removals.map(({ row }) => row);
    return {
      table: await takeRows(source, rowsWithout(source.rowCount, removed), input),
      note: note(source, removals, references, options),
      shown: [await removedRows(columns, removals, input)],
    };
  },
});

/** Exact duplicates on disk, found by DuckDB. */
async function dedupFile(input: StepInput, { on, normalize }: Options): Promise<StepOutcome> {
  const { source } = input;
  const columns = (on ?? source.columns.map(({ name }) => name)).map((column) => checkColumn(source, column));
  const keys = columns.map((column) => (normalize === true ? comparableSql(column, true) : identifier(column)));
  const rows = numberedRows(source);
  const first = `SELECT min(file_row_number) FROM ${rows} GROUP BY ${keys.join(', ')}`;
  const query = `SELECT ${columnList(source)} FROM ${rows} WHERE file_row_number IN (${first}) ORDER BY file_row_number`;
  const table = await selectRows(query, new Map([['data', source]]), input);
  const removed = source.rowCount - rowCountOf(table);
  const kind = normalize === true ? 'duplicate' : 'exact duplicate';
  return { table, note: `without ${count(removed, kind)} (${percent(removed, source.rowCount)})`, shown: [] };
}

/** Where likeness counts only the free texts do, since equal labels make rows alike. */
function columnsOf(source: Dataset, { on, near, against }: Options): string[] {
  const isAll = on === undefined && near === undefined && against === undefined;
  return isAll ? source.columns.map((column) => column.name) : comparedColumns(source, on);
}

function note(source: Dataset, removals: readonly Removal[], others: readonly Dataset[], options: Options): string {
  const kind =
    options.near === undefined ? (options.normalize === true ? 'duplicate' : 'exact duplicate') : 'near-duplicate';
  const inOf = (dataset: Dataset) => removals.filter(({ like }) => like.of === dataset).length;
  const parts = [count(inOf(source), kind), ...others.map((other) => `${inOf(other)} also in ${other.name}`)];
  return `without ${parts.join(' and ')} (${percent(removals.length, source.rowCount)})`;
}

/** The first removed rows with the rows that they are like, wherever those lie. */
async function removedRows(
  columns: readonly string[],
  removals: readonly Removal[],
  { source, references }: StepInput,
): Promise<RowTable> {
  const listed = removals.slice(0, listedRows);
  const textsAt = (of: Dataset, rows: readonly { readonly row: number }[]) =>
    lookAtTexts(
      of,
      rows.map(({ row }) => row),
      columns,
    );
  const removed = await textsAt(source, listed);
  const kept = new Map<Removal, string>();
  for (const of of [source, ...references]) {
    const own = listed.filter(({ like }) => like.of === of);
    const texts = await textsAt(
      of,
      own.map(({ like }) => like),
    );
    for (const [i, removal] of own.entries()) kept.set(removal, texts[i]!);
  }
  return {
    title: count(removals.length, 'removed row'),
    columns: ['row', 'removed', 'like', 'kept', 'likeness'],
    rows: listed.map((removal, i) => [
      removal.row + 1,
      removed[i],
      `row ${removal.like.row + 1} of ${removal.like.of.name}`,
      kept.get(removal),
      Number(removal.similarity.toFixed(3)),
    ]),
  };
}
