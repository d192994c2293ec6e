import { canonicalJson } from '../canonical.ts';
import type { Dataset, Row } from '../dataset.ts';
import type { Duplicate } from '../duplicates.ts';
import { checkMemory } from '../near/check-memory.ts';
import { createFirstRows, type FirstRows } from '../near/first-rows.ts';
import { createNearDuplicates } from '../near-duplicates.ts';
import { checkColumn } from '../options.ts';
import { eachRow, eachText, rowText } from '../row-batches.ts';
import { comparableText, normalizeText, textOf } from '../text.ts';
import type { Turns } from '../turns.ts';
import type { StepInput } from './step.ts';

/** A row to remove, and the row that it repeats. Rows count from 0. */
export interface Removal {
  readonly row: number;
  readonly like: { readonly row: number; readonly of: Dataset };
  readonly similarity: number;
}

/** When a row repeats another: equal, equal but for case and white space, or so alike. */
interface Likeness {
  readonly normalize?: boolean;
  readonly near?: number;
}

/** Goes through the rows once, and gives first those that stand in another data set, then those that repeat an earlier row. */
export async function findRemovals(
  input: StepInput,
  columns: readonly string[],
  options: Likeness,
): Promise<Removal[]> {
  const { source, references } = input;
  const elsewhere = await rowsElsewhere(columns, references, input);
  const { near } = options;
  if (near !== undefined) checkMemory(source);
  const duplicatesOf = near === undefined ? createExactDuplicates() : createNearDuplicates(near);
  const found: { readonly elsewhere: Removal[]; readonly own: Removal[] } = { elsewhere: [], own: [] };
  const visit = (row: Row, at: number) => {
    const text = rowText(row, columns);
    const duplicates = duplicatesOf(near === undefined ? rowKey(row, columns, options) : text, at);
    const like = elsewhere(text);
    if (like !== undefined) found.elsewhere.push({ row: at, like, similarity: 1 });
    else
      for (const { of, similarity } of duplicates)
        found.own.push({ row: at, like: { row: of, of: source }, similarity });
  };
  await eachRow(source, columns, visit, input);
  return [...found.elsewhere, ...found.own];
}

function createExactDuplicates(): (key: string, row: number) => Duplicate[] {
  const first = createFirstRows();
  return (key, row) => {
    const of = first.ofOrAdd(key, row);
    return of === row ? [] : [{ row, of, similarity: 1 }];
  };
}

function rowKey(row: Row, columns: readonly string[], { normalize }: Likeness): string {
  const keyOf = normalize === true ? (value: unknown) => normalizeText(textOf(value)) : canonicalJson;
  return columns.map((name) => keyOf(row[name])).join('\u001f');
}

/** Finds a text in the other data sets. */
async function rowsElsewhere(columns: readonly string[], others: readonly Dataset[], turns: Turns) {
  const known: { readonly of: Dataset; readonly rows: FirstRows }[] = [];
  for (const of of others) {
    const rows = createFirstRows();
    const shared = columns.map((column) => checkColumn(of, column));
    await eachText(of, shared, (text, row) => void rows.ofOrAdd(comparableText(text), row), turns);
    known.push({ of, rows });
  }
  return (text: string): Removal['like'] | undefined => {
    const key = known.length === 0 ? '' : comparableText(text);
    if (key === '') return undefined;
    const found = known.map(({ of, rows }) => ({ of, row: rows.of(key) })).find(({ row }) => row !== undefined);
    return found && { of: found.of, row: found.row! };
  };
}
