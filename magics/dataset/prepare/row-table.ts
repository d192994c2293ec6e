import { details, type Html, table as htmlTable } from '../../html.ts';
import type { Dataset } from '../dataset.ts';
import { count, foldedCell, textTable } from '../display.ts';
import { lookAtRows } from '../take-rows.ts';

/** Rows that an output lists; the title says how many there are in all. */
export const listedRows = 50;
const listedTextRows = 5;

/** A titled table below a headline. */
export interface RowTable {
  readonly title: string;
  readonly columns: readonly string[];
  /** At most `listedRows` of them are drawn. */
  readonly rows: readonly (readonly unknown[])[];
  /** Unfolded from the start: a summary rather than evidence. */
  readonly isOpen?: boolean;
}

/** What is said of rows besides their values. */
export interface RowsShown {
  /** A column of its own, such as why the row was removed. */
  readonly extra?: { readonly name: string; of(row: number): unknown };
  /** How many there are, where only the first are given. */
  readonly total?: number;
}

/** Rows of a data set to look at, in memory or on disk, by their numbers (from 0). */
export async function rowsToShow(
  title: string,
  dataset: Dataset,
  rows: ArrayLike<number>,
  { extra, total = rows.length }: RowsShown = {},
): Promise<RowTable> {
  const names = dataset.columns.map((column) => column.name);
  const listed = Array.from({ length: Math.min(listedRows, rows.length) }, (_, i) => rows[i]!);
  const found = await lookAtRows(dataset, listed, names);
  const all = count(total, title);
  return {
    title: listed.length < total ? `first ${listed.length} of ${all}` : all,
    columns: ['row', ...(extra === undefined ? [] : [extra.name]), ...names],
    rows: listed.map((row, i) => [
      row + 1,
      ...(extra === undefined ? [] : [extra.of(row)]),
      ...names.map((name) => found[i]![name]),
    ]),
  };
}

/** The tables in HTML, evidence folded, and their first rows in plain text. */
export function rowTableParts(tables: readonly RowTable[]): { parts: Html[]; text: string[] } {
  const filled = tables.filter((table) => table.rows.length > 0);
  return { parts: filled.map(tablePart), text: filled.flatMap(tableText) };
}

function tablePart({ title, columns, rows, isOpen }: RowTable): Html {
  const cells = rows.slice(0, listedRows).map((row) => row.map(foldedCell));
  const markup = htmlTable(
    columns.map((name) => ({ name })),
    cells,
  );
  return isOpen === true ? markup : details(title, markup);
}

function tableText({ title, columns, rows, isOpen }: RowTable): string[] {
  const shown = rows.slice(0, isOpen === true ? listedRows : listedTextRows);
  return [`${title}:`, ...textTable(columns, shown)];
}
