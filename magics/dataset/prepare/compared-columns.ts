import type { Dataset } from '../dataset.ts';
import { checkColumn } from '../options.ts';
import { profileColumn } from '../profile-column.ts';

/** The columns whose texts count: those asked for, else the free texts (equal labels make no rows alike), else all. */
export function comparedColumns(source: Dataset, asked: readonly string[] | undefined): string[] {
  if (asked !== undefined) return asked.map((column) => checkColumn(source, column));
  const texts = freeTextColumns(source);
  return texts.length > 0 ? texts : source.columns.map((column) => column.name);
}

/** Columns of free text, as far as the rows in memory show: the first ones of a data set on disk. */
export function freeTextColumns({ columns, preview }: Dataset): string[] {
  const isText = (column: Dataset['columns'][number]) =>
    profileColumn(column, Array.from(preview.array(column.name) as ArrayLike<unknown>)).kind === 'text';
  return columns.filter(isText).map(({ name }) => name);
}
