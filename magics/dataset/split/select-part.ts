import type { ColumnTable } from 'arquero';
import type { Dataset } from '../dataset.ts';
import { identifier } from '../large/database.ts';
import type { LargeRows } from '../large/large-rows.ts';
import type { ScratchPlace } from '../large/scratch-rows.ts';
import { columnList, comparableSql, numberedRows, selectRows } from '../large/select-rows.ts';
import { checkColumn } from '../options.ts';
import { freeTextColumns } from '../prepare/compared-columns.ts';
import { type SplitRecipe, shareRange } from './recipe.ts';

/** Whether the parts of a data set on disk are chosen by a hash alone: rows go by one thing, their group or their text, and are spread by nothing. */
export function isDealtByHash(source: Dataset, { by, stratify, time, together }: Omit<SplitRecipe, 'part'>): boolean {
  if (source.large === undefined || (stratify ?? time) !== undefined || typeof together === 'number') return false;
  return by === undefined || together === undefined || freeTextColumns(source).length === 0;
}

/**
 * Rows of one part of a data set on disk, in order. Each row falls where the MD5 digest of the seed and of its group (or
 * its text, or its place) says, so that equal ones stay together; shares are met nearly, and the better the more rows there are.
 */
export function selectPart(
  source: Dataset,
  recipe: SplitRecipe,
  place: ScratchPlace,
): Promise<ColumnTable | LargeRows> {
  const point = `(md5_number_lower(${recipe.seed} || ':' || ${groupKey(source, recipe)}) / 18446744073709551616.0)`;
  const [from, to] = shareRange(recipe.shares, recipe.part);
  const query = `SELECT ${columnList(source)} FROM ${numberedRows(source)} WHERE ${point} >= ${from} AND ${point} < ${to} ORDER BY file_row_number`;
  return selectRows(query, new Map([['data', source]]), place);
}

/** SQL of the text that rows which stay together have in common. A group whose value is missing is one row. */
function groupKey(source: Dataset, { by, together }: SplitRecipe): string {
  const row = "'row ' || file_row_number";
  if (by !== undefined) return `coalesce(CAST(${identifier(checkColumn(source, by))} AS VARCHAR), ${row})`;
  const texts = together === undefined ? [] : freeTextColumns(source);
  const text = texts.map((column) => comparableSql(column)).join(" || '\n' || ");
  return texts.length === 0 ? row : `coalesce(nullif(trim(${text}, ' \n'), ''), ${row})`;
}
