import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ColumnTable } from 'arquero';
import type { Dataset, Row } from './dataset.ts';
import { type Database, identifier, literal, withDatabase } from './large/database.ts';
import type { LargeRows } from './large/large-rows.ts';
import { type KeepRows, type ScratchPlace, scratchRows } from './large/scratch-rows.ts';
import { columnList, numberedRows } from './large/select-rows.ts';
import { rowText } from './row-batches.ts';

/** Row numbers of a chunk of the file that hands them to DuckDB. */
const chunkRows = 65_536;

/** The rows of these numbers (from 0, ascending; a number twice is a row twice), in memory or on disk as the data set is. */
export async function takeRows(
  source: Dataset,
  rows: ArrayLike<number>,
  place: ScratchPlace,
): Promise<ColumnTable | LargeRows> {
  if (source.large === undefined) return source.table.reify(Array.from(rows));
  const work = async (database: Database, keep: KeepRows) => {
    const file = path.join(database.folder, 'taken.csv');
    await pipeline(Readable.from(linesOf(rows)), createWriteStream(file), { signal: place.signal });
    const taken = `read_csv(${literal(file)}, header = false, columns = {taken: 'BIGINT'})`;
    const numbered = `(SELECT ${columnList(source)} FROM ${numberedRows(source)} JOIN ${taken} ON file_row_number = taken ORDER BY file_row_number)`;
    return keep(database, numbered);
  };
  return scratchRows(place, (keep) => withDatabase((database) => work(database, keep), { signal: place.signal }));
}

/** A few rows to look at, by their numbers, in the order asked. */
export async function lookAtRows(source: Dataset, rows: readonly number[], names: readonly string[]): Promise<Row[]> {
  if (source.large === undefined) {
    const columns = names.map((name) => source.table.array(name) as ArrayLike<unknown>);
    return rows.map((row) => Object.fromEntries(names.map((name, c) => [name, columns[c]![row]])));
  }
  const places = [...new Set(rows)].sort((a, b) => a - b);
  if (places.length === 0) return [];
  const query = `SELECT ${names.map(identifier).join(', ')} FROM ${numberedRows(source)} WHERE file_row_number IN (${places.join(', ')}) ORDER BY file_row_number`;
  const found = await withDatabase((database) => database.rows<Row>(query));
  return rows.map((row) => found[places.indexOf(row)]!);
}

/** The texts of the columns of a few rows; see `lookAtRows`. */
export async function lookAtTexts(
  source: Dataset,
  rows: readonly number[],
  names: readonly string[],
): Promise<string[]> {
  return (await lookAtRows(source, rows, names)).map((row) => rowText(row, names));
}

function* linesOf(rows: ArrayLike<number>): Generator<string> {
  for (let from = 0; from < rows.length; from += chunkRows) {
    const end = Math.min(rows.length, from + chunkRows);
    yield Array.from({ length: end - from }, (_, i) => `${rows[from + i]!}\n`).join('');
  }
}
