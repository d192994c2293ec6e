import { createPageReader, withPages } from '../../magics/charts/table-pages.ts';
import { tableResource } from '../../magics/charts/table-resource.ts';
import { type MimeBundle, mime } from '../../magics/context.ts';
import { Html, html, table } from '../../magics/html.ts';

const shownRows = 20;
const maxCellCharacters = 200;

/** What an arquero table can be asked for. */
export interface TableLike {
  numRows(): number;
  columnNames(): string[];
  get(column: string, row: number): unknown;
}

/** True for arquero tables, also those of another copy of arquero. */
export function isTable(value: unknown): value is TableLike {
  if (typeof value !== 'object' || value === null) return false;
  return ['numRows', 'columnNames', 'get'].every((method) => typeof Reflect.get(value, method) === 'function');
}

/** The first rows of a table, with the columns' types, as HTML and as text. */
export function tableBundle(source: TableLike): MimeBundle {
  const names = source.columnNames();
  const rowCount = source.numRows();
  const rows = Array.from({ length: Math.min(rowCount, shownRows) }, (_, row) =>
    names.map((name) => source.get(name, row)),
  );
  const columns = names.map((name, i) => ({ name, type: typeOf(rows.map((row) => row[i])) }));
  const size = `${count(rowCount, 'row')}, ${count(names.length, 'column')}`;
  const note =
    rowCount > shownRows ? `${size}; the first ${shownRows} are shown, .slice(${shownRows}) has the others` : size;
  const cells = rows.map((row) => row.map(toCell));
  const valueAt = (row: number, name: string) => source.get(name, row);
  return {
    [mime.table]: withPages(tableResource(columns, rowCount, valueAt), createPageReader(columns, rowCount, valueAt)),
    [mime.html]: html`<div class="llmops">${table(columns, cells)}<p><small>${note}</small></p></div>`.markup,
    [mime.text]: [textTable(names, rows), note].join('\n'),
  };
}

function count(n: number, noun: string): string {
  return `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`;
}

function typeOf(values: readonly unknown[]): string {
  const kinds = new Set(values.filter((v) => v !== null && v !== undefined).map(kindOf));
  return kinds.size === 0 ? 'empty' : kinds.size === 1 ? [...kinds].join() : 'mixed';
}

function kindOf(value: unknown): string {
  if (value instanceof Date) return 'date';
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return 'list';
  return typeof value;
}

function toCell(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'bigint') return value.toString();
  if (value === null || value === undefined || typeof value === 'number') return value;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.length <= maxCellCharacters) return text;
  const short = html`<span title="${text}">${text.slice(0, maxCellCharacters)}…</span>`;
  return new Html(short.markup);
}

function textTable(names: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const lines = [names, ...rows.map((row) => row.map(asText))];
  const widths = names.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  const isNumber = names.map((_, i) => rows.every((row) => typeof row[i] === 'number'));
  return lines
    .map((line) =>
      line.map((text, i) => (isNumber[i] ? text.padStart(widths[i]!) : text.padEnd(widths[i]!))).join('  '),
    )
    .map((line) => line.trimEnd())
    .join('\n');
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return 'missing';
  if (value instanceof Date) return value.toISOString();
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
