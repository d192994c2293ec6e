import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ColumnTable } from 'arquero';
import type { UserError } from '../errors.ts';
import { canonicalJson } from './canonical.ts';
import type { Dataset, Row } from './dataset.ts';
import { type Database, withDatabase } from './large/database.ts';
import { jsonRowsSource } from './large/import-json.ts';
import { fromParquet, type LargeRows } from './large/large-rows.ts';
import { columnsOf } from './large/plain-columns.ts';
import { type KeepRows, type ScratchPlace, scratchRows } from './large/scratch-rows.ts';
import { rowsInMemory, rowsOnDisk } from './row-batches.ts';
import { createColumns } from './table.ts';
import { createTurns, type Turns } from './turns.ts';

/** What a row becomes; undefined leaves it out. Rows count from 0. */
export type RowMap = (row: Row, at: number) => Row | undefined;

/** What is known of the rows that come out. */
export interface Mapped {
  /** They have the columns of the source, with their types. */
  readonly sameColumns: boolean;
  /** Why it is an error that no row is left. */
  none?(): UserError;
}

/** What is mapped, and where: scratch files lie in the cache of `folder`. */
export interface MapPlace extends ScratchPlace, Turns {
  readonly source: Dataset;
}

/**
 * The rows of a data set, each mapped in its turn: a table of a table; of rows on disk, which are streamed, rows on disk
 * in bounded memory.
 */
export function mapRows(place: MapPlace, map: RowMap, result: Mapped): Promise<ColumnTable | LargeRows> {
  return place.source.large === undefined ? mapInMemory(place, map, result) : mapOnDisk(place, map, result);
}

async function mapInMemory(place: MapPlace, map: RowMap, result: Mapped): Promise<ColumnTable> {
  const names = namesOf(place);
  const columns = createColumns(result.sameColumns ? names : []);
  for await (const rows of mapped(rowsInMemory(place.source, names), map, place, result)) rows.forEach(columns.add);
  return columns.toTable();
}

function mapOnDisk(place: MapPlace, map: RowMap, result: Mapped): Promise<ColumnTable | LargeRows> {
  const { source, signal } = place;
  const work = async (database: Database, keep: KeepRows) => {
    const file = path.join(database.folder, 'rows.jsonl');
    const rows = mapped(rowsOnDisk(source, namesOf(place), database), map, place, result);
    await pipeline(Readable.from(linesOf(rows)), createWriteStream(file), { signal });
    const types = result.sameColumns ? await columnsOf(database, fromParquet(source.large!.file)) : undefined;
    return keep(database, await jsonRowsSource(database, file, types));
  };
  return scratchRows(place, (keep) => withDatabase((database) => work(database, keep), { signal }));
}

async function* mapped(
  batches: AsyncIterable<readonly Row[]>,
  map: RowMap,
  place: MapPlace,
  { none }: Mapped,
): AsyncGenerator<readonly Row[]> {
  const turn = createTurns(place.source.rowCount, place);
  let [at, left] = [0, 0];
  for await (const batch of batches) {
    const rows: Row[] = [];
    for (const row of batch) {
      const next = map(row, at++);
      if (next !== undefined) rows.push(next);
      if (turn.areOver()) await turn.next(at);
    }
    left += rows.length;
    yield rows;
  }
  if (left === 0 && none !== undefined) throw none();
}

async function* linesOf(batches: AsyncIterable<readonly Row[]>): AsyncGenerator<string> {
  for await (const rows of batches) yield rows.map((row) => `${canonicalJson(row)}\n`).join('');
}

function namesOf({ source }: MapPlace): string[] {
  return source.columns.map(({ name }) => name);
}
