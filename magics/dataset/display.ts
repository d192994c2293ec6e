import { createPageReader, type ReadPage, withPages } from '../charts/table-pages.ts';
import { tableResource } from '../charts/table-resource.ts';
import { type MimeBundle, mime } from '../context.ts';
import { block, details, type Html, html, table as htmlTable } from '../html.ts';
import type { Dataset } from './dataset.ts';

/** Rows that a table shows. */
const shownRows = 20;
/** Rows that terminals and logs show. */
const shownTextRows = 5;
/** Characters of a cell before its text is folded. */
const shownCharacters = 160;

/** A data set on screen: what it is on the first line, its columns with types, its first rows. */
export function datasetBundle(dataset: Dataset, headline = datasetHeadline(dataset)): MimeBundle {
  const { parts, text } = rowsBlock(dataset, shownRows);
  const valueAt = (row: number, name: string) => dataset.preview.get(name, row) as unknown;
  const resource = tableResource(dataset.columns, dataset.rowCount, valueAt, headline);
  return { [mime.table]: withPages(resource, pageReader(dataset, valueAt)), ...block(headline, parts, text) };
}

/** Reads any rows of a data set; those that are not in memory by a query. */
function pageReader(dataset: Dataset, valueAt: (row: number, name: string) => unknown): ReadPage {
  if (dataset.large === undefined) return createPageReader(dataset.columns, dataset.rowCount, valueAt);
  return async ({ first, count, sorting }) => {
    const column = sorting && `"${sorting.column.replaceAll('"', '""')}"`;
    const order = sorting && ` ORDER BY ${column} ${sorting.descending ? 'DESC' : 'ASC'} NULLS LAST`;
    const page = await dataset.sql(`SELECT * FROM data${order ?? ''} LIMIT ${count} OFFSET ${first}`);
    const read = createPageReader(dataset.columns, page.numRows(), (row, name) => page.get(name, row));
    return read({ first: 0, count });
  };
}

/** `schedules: 5,000 rows, 2 columns; digest 1f3a9c02; committed 4f2a9c1` */
export function datasetHeadline(dataset: Dataset): string {
  const parts = [
    `${dataset.name}: ${count(dataset.rowCount, 'row')}, ${count(dataset.columns.length, 'column')}`,
    `digest ${dataset.digest.slice('sha256:'.length, 'sha256:'.length + 8)}`,
  ];
  if (dataset.commit !== undefined) parts.push(`committed ${dataset.commit.slice(0, 7)}`);
  return parts.join('; ');
}

/** The first rows as a table, in HTML and in plain text. */
export function rowsBlock(dataset: Dataset, limit: number): { parts: Html[]; text: string[] } {
  const rows = dataset.preview
    .objects({ limit })
    .map((row) => dataset.columns.map((c) => (row as never)[c.name] as unknown));
  const more = (shown: number) =>
    dataset.rowCount > shown ? [`first ${shown} of ${dataset.rowCount.toLocaleString('en-US')} rows`] : [];
  return {
    parts: [
      htmlTable(
        dataset.columns,
        rows.map((row) => row.map(foldedCell)),
      ),
      ...more(limit).map((line) => html`<p><small>${line}</small></p>`),
    ],
    text: [
      ...textTable(
        dataset.columns.map((c) => c.name),
        rows.slice(0, Math.min(limit, shownTextRows)),
      ),
      ...more(Math.min(limit, shownTextRows)),
    ],
  };
}

/** `1 row`, `5,000 rows` */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`;
}

/** Lines of a table for terminals and logs; long cells are cut. */
export function textTable(columns: readonly string[], rows: readonly (readonly unknown[])[]): string[] {
  const cells = [[...columns], ...rows.map((row) => row.map(textCell))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]!.length)));
  const isNumeric = columns.map((_, i) => rows.some((row) => typeof row[i] === 'number'));
  return cells.map((line) =>
    line
      .map((cell, i) => (isNumeric[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}

function textCell(value: unknown): string {
  if (value === null || value === undefined) return '(missing)';
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll(/\s+/g, ' ');
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** A value as a cell of an HTML table: long texts are folded, numbers and missing values stay as they are. */
export function foldedCell(value: unknown): unknown {
  if (value === null || value === undefined || typeof value === 'number') return value;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= shownCharacters ? text : details(`${text.slice(0, shownCharacters - 1)}…`, html`${text}`);
}
