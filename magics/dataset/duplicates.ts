import { canonicalJson } from './canonical.ts';
import type { Dataset } from './dataset.ts';
import { columnValues, normalizeText, textOf } from './text.ts';

/** A row that repeats an earlier one. Rows count from 0. */
export interface Duplicate {
  readonly row: number;
  readonly of: number;
  /** Likeness, 1 when equal. */
  readonly similarity: number;
}

/** Rows equal to an earlier row in the given columns; with `normalize`, equal but for case and white space. */
export function findDuplicates(dataset: Dataset, columns: readonly string[], normalize = false): Duplicate[] {
  const keys = rowKeys(dataset, columns, normalize);
  const first = new Map<string, number>();
  const duplicates: Duplicate[] = [];
  keys.forEach((key, row) => {
    const of = first.get(key);
    if (of === undefined) first.set(key, row);
    else duplicates.push({ row, of, similarity: 1 });
  });
  return duplicates;
}

/** One string per row that is equal where the rows are equal. */
export function rowKeys(dataset: Dataset, columns: readonly string[], normalize: boolean): string[] {
  const keyOf = normalize ? (value: unknown) => normalizeText(textOf(value)) : canonicalJson;
  const values = columns.map((column) => columnValues(dataset, column));
  return Array.from({ length: dataset.rowCount }, (_, row) =>
    values.map((column) => keyOf(column[row])).join('\u001f'),
  );
}

/** The text of the given columns, one string per row. */
export function rowTexts(dataset: Dataset, columns: readonly string[]): string[] {
  const values = columns.map((column) => columnValues(dataset, column));
  return Array.from({ length: dataset.rowCount }, (_, row) => values.map((column) => textOf(column[row])).join('\n'));
}
