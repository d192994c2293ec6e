import { cellText, compareValues, type Sorting, type TableRow } from '../../magics/charts/table-order.ts';

/** The order after a click on a column's name: up, then down, then as it was. */
export function nextSorting(column: string, now: Sorting | undefined): Sorting | undefined {
  if (now?.column !== column) return { column, descending: false };
  return now.descending ? undefined : { column, descending: true };
}

/** The rows in that order: numbers by size, texts as people sort them, missing values last. Equal ones stay as they were. */
export function sortRows(rows: readonly TableRow[], sorting: Sorting | undefined): readonly TableRow[] {
  if (sorting === undefined) return rows;
  const { column, descending } = sorting;
  return rows.toSorted((a, b) => compareValues(a[column], b[column], descending));
}

/** RFC 4180, with a header. Values that a spreadsheet would take for a formula stay what they are: the reader decides. */
export function toCsv(columns: readonly string[], rows: readonly TableRow[]): string {
  const lines = [columns, ...rows.map((row) => columns.map((column) => cellText(row[column])))];
  return lines.map((line) => `${line.map(quoted).join(',')}\r\n`).join('');
}

/**
 * `1-20 of 1,000 rows`; with `total` larger than what is available, how much of the table this is, and how to see the rest.
 * `isCut`: the kernel that held it has gone.
 */
export function describePage(first: number, shown: number, available: number, total: number, isCut = false): string {
  const rows = (n: number) => n.toLocaleString('en-US');
  if (available === 0) return 'no rows';
  const page = `${rows(first + 1)}-${rows(first + shown)} of ${rows(available)}`;
  if (available === total) return `${page} rows`;
  const rest = isCut
    ? 'its kernel has gone: run the cell again to see the others'
    : `table.slice(${available}) in a cell shows the next`;
  return `${page} (the first of ${rows(total)} rows; ${rest})`;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
