import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { ColumnTable } from 'arquero';
import { digestFile } from '../../governance/objects.ts';
import type { Column } from '../column-types.ts';
import { canonicalLine, canonicalMacros } from './canonical-sql.ts';
import { type Database, identifier, literal } from './database.ts';
import { columnsOf, plainList, type SqlColumn, typeScriptColumn } from './plain-columns.ts';

/** Rows in a Parquet file, known by their content. */
export interface LargeRows {
  readonly file: string;
  readonly rowCount: number;
  readonly columns: readonly Column[];
  /** Of the canonical JSON Lines of the rows, as of any other data set. */
  readonly digest: string;
}

/** True for rows that stay on disk. */
export function isLargeRows(rows: ColumnTable | LargeRows): rows is LargeRows {
  return 'digest' in rows;
}

/** Number of rows, wherever they are. */
export function rowCountOf(rows: ColumnTable | LargeRows): number {
  return isLargeRows(rows) ? rows.rowCount : rows.numRows();
}

/** The Parquet file as it stands behind FROM. */
export function fromParquet(file: string): string {
  return `read_parquet(${literal(file)})`;
}

/** Writes the rows of `from` (anything that stands behind FROM) to a Parquet file, in order, in the types that data sets have. */
export async function writeParquet(database: Database, from: string, file: string): Promise<void> {
  const list = plainList(await columnsOf(database, from));
  await database.run(
    `COPY (SELECT ${list} FROM ${from}) TO ${literal(file)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)`,
  );
}

/** Counts and describes the rows of a Parquet file that `writeParquet` made, and digests them. */
export async function describeParquet(database: Database, file: string): Promise<LargeRows> {
  const from = fromParquet(file);
  const columns = await columnsOf(database, from);
  const counts = columns.map(({ name }, i) => `count(${identifier(name)}) AS n${i}`);
  const [row] = await database.rows<Record<string, number>>(`SELECT count(*) AS n, ${counts.join(', ')} FROM ${from}`);
  const rowCount = row!.n!;
  return {
    file,
    rowCount,
    columns: columns.map((column, i) => typeScriptColumn(column, row![`n${i}`]! < rowCount)),
    digest: await digestRows(database, from, columns),
  };
}

/** Written to a file first: DuckDB writes lines faster than they could be handed to JavaScript one by one. */
async function digestRows(database: Database, from: string, columns: readonly SqlColumn[]): Promise<string> {
  const lines = path.join(database.folder, 'canonical.jsonl');
  for (const macro of canonicalMacros) await database.run(macro);
  await database.run(
    `COPY (SELECT ${canonicalLine(columns)} FROM ${from}) TO ${literal(lines)} (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01')`,
  );
  const digest = await digestFile(lines);
  await rm(lines);
  return digest;
}
