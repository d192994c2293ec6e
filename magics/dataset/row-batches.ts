import type { Dataset, Row } from './dataset.ts';
import { type Database, identifier, withDatabase } from './large/database.ts';
import { fromParquet } from './large/large-rows.ts';
import { textOf } from './text.ts';
import { createTurns, type Turns } from './turns.ts';

/** Rows of a batch from memory; those from the disk come as DuckDB cuts them. */
const batchRows = 2048;

/** Goes through the rows of a data set in order, in memory or on disk, with the values of some columns; in turns. */
export async function eachRow(
  source: Dataset,
  columns: readonly string[],
  visit: (row: Row, at: number) => void,
  turns?: Turns,
): Promise<void> {
  const goThrough = async (batches: AsyncIterable<readonly Row[]>) => {
    const turn = createTurns(source.rowCount, turns);
    let at = 0;
    for await (const batch of batches) {
      for (const row of batch) {
        visit(row, at++);
        if (turn.areOver()) await turn.next(at);
      }
    }
  };
  if (source.large === undefined) return goThrough(rowsInMemory(source, columns));
  await withDatabase((database) => goThrough(rowsOnDisk(source, columns, database)), { signal: turns?.signal });
}

/** Goes through the texts of columns, one string a row. */
export function eachText(
  source: Dataset,
  columns: readonly string[],
  visit: (text: string, at: number) => void,
  turns?: Turns,
): Promise<void> {
  return eachRow(source, columns, (row, at) => visit(rowText(row, columns), at), turns);
}

/** The texts of a row's columns, one below the other. */
export function rowText(row: Row, columns: readonly string[]): string {
  return columns.map((name) => textOf(row[name])).join('\n');
}

/** One key a row, made of the value of a column; equal keys are one string. */
export async function columnKeys(
  source: Dataset,
  column: string,
  keyOf: (value: unknown) => string,
  turns?: Turns,
): Promise<string[]> {
  const known = new Map<string, string>();
  const keys: string[] = [];
  const visit = (row: Row) => {
    const key = keyOf(row[column]);
    if (!known.has(key)) known.set(key, key);
    keys.push(known.get(key)!);
  };
  await eachRow(source, [column], visit, turns);
  return keys;
}

/** The rows of a table in batches. */
export async function* rowsInMemory({ table }: Dataset, columns: readonly string[]): AsyncGenerator<Row[]> {
  const values = columns.map((name) => table.array(name) as ArrayLike<unknown>);
  for (let from = 0; from < table.numRows(); from += batchRows) {
    const length = Math.min(batchRows, table.numRows() - from);
    yield Array.from({ length }, (_, i) => Object.fromEntries(columns.map((name, c) => [name, values[c]![from + i]])));
  }
}

/** The rows of a Parquet file in batches, streamed. */
export function rowsOnDisk(source: Dataset, columns: readonly string[], database: Database): AsyncIterable<Row[]> {
  return database.batches(`SELECT ${columns.map(identifier).join(', ')} FROM ${fromParquet(source.large!.file)}`);
}
