import { UserError } from '../../errors.ts';
import { canonicalJson } from '../canonical.ts';
import type { Dataset } from '../dataset.ts';
import { rowKeys } from '../duplicates.ts';
import { checkColumn } from '../options.ts';
import { columnValues } from '../text.ts';

/** What became of the rows between two data sets. Rows count from 0. */
export interface RowChanges {
  /** Column that says which row is which; without it rows are told by all the columns that both have, and none are changed. */
  readonly key?: string;
  /** Rows of the second data set only. */
  readonly added: readonly number[];
  /** Rows of the first data set only. */
  readonly removed: readonly number[];
  readonly changed: readonly ChangedRow[];
  readonly unchanged: number;
}

/** A row of both data sets with other values: its numbers in each, and the columns that differ. */
export interface ChangedRow {
  readonly before: number;
  readonly after: number;
  readonly columns: readonly string[];
}

/** Matches the rows of two data sets by a key, or by what they hold: of rows that are equal, as many as both have are matched. */
export function rowChanges(before: Dataset, after: Dataset, shared: readonly string[], key?: string): RowChanges {
  return key === undefined ? byContent(before, after, shared) : byKey(before, after, shared, key);
}

function byContent(before: Dataset, after: Dataset, shared: readonly string[]): RowChanges {
  const waiting = new Map<string, number[]>();
  rowKeys(before, shared, false).forEach((content, row) => {
    const rows = waiting.get(content);
    if (rows === undefined) waiting.set(content, [row]);
    else rows.push(row);
  });
  const added: number[] = [];
  rowKeys(after, shared, false).forEach((content, row) => {
    if (waiting.get(content)?.shift() === undefined) added.push(row);
  });
  const removed = [...waiting.values()].flat().sort((a, b) => a - b);
  return { added, removed, changed: [], unchanged: before.rowCount - removed.length };
}

function byKey(before: Dataset, after: Dataset, shared: readonly string[], key: string): RowChanges {
  const [old, now] = [indexBy(before, key), indexBy(after, key)];
  const values = shared.map((name) => [name, columnValues(before, name), columnValues(after, name)] as const);
  const changed: ChangedRow[] = [];
  for (const [id, row] of old) {
    const other = now.get(id);
    if (other === undefined) continue;
    const columns = values.flatMap(([name, a, b]) => (canonicalJson(a[row]) === canonicalJson(b[other]) ? [] : [name]));
    if (columns.length > 0) changed.push({ before: row, after: other, columns });
  }
  const added = [...now].flatMap(([id, row]) => (old.has(id) ? [] : [row]));
  const removed = [...old].flatMap(([id, row]) => (now.has(id) ? [] : [row]));
  return { key, added, removed, changed, unchanged: before.rowCount - removed.length - changed.length };
}

function indexBy(dataset: Dataset, key: string): Map<string, number> {
  const rows = new Map<string, number>();
  columnValues(dataset, checkColumn(dataset, key)).forEach((value, row) => {
    const id = canonicalJson(value);
    const earlier = rows.get(id);
    if (earlier !== undefined) throw keyNotUnique(dataset, key, id, earlier, row);
    rows.set(id, row);
  });
  return rows;
}

function keyNotUnique({ name }: Dataset, key: string, id: string, a: number, b: number): UserError {
  return new UserError(
    `"${key}" is no key of ${name}: rows ${a + 1} and ${b + 1} both have ${id}. Name a column with a value of its own in each row, or compare without --key.`,
    { offending: key },
  );
}
