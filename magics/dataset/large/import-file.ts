import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../errors.ts';
import type { Malformed, MalformedRows } from '../formats/malformed.ts';
import { malformedRows } from '../formats/malformed.ts';
import { decompress } from '../formats/zstd.ts';
import { type Database, type DatabaseOptions, literal, withDatabase } from './database.ts';
import { csvSource } from './import-csv.ts';
import { jsonArraySource, jsonLinesSource } from './import-json.ts';
import { describeParquet, type LargeRows, writeParquet } from './large-rows.ts';

/** A file to import, and how it is to be read. */
export interface ImportedFile {
  /** Absolute. */
  readonly path: string;
  /** For messages. */
  readonly name: string;
  readonly format: 'csv' | 'tsv' | 'jsonl' | 'json' | 'parquet';
  readonly skipMalformed?: boolean;
  readonly strings?: readonly string[];
}

/** What an import gives: the rows, and those that could not be read. */
export interface ImportedRows extends LargeRows {
  readonly skipped: readonly Malformed[];
}

/** Reads files of any size through DuckDB into one Parquet file, `target`. Memory stays bounded. */
export function importFiles(
  files: readonly ImportedFile[],
  target: string,
  options?: DatabaseOptions,
): Promise<ImportedRows> {
  return withDatabase(async (database) => {
    const sources: string[] = [];
    const skipped: Malformed[] = [];
    for (const file of files) {
      const malformed = malformedRows(file.name, file.skipMalformed === true);
      sources.push(await told(file, () => sourceOf(database, file, malformed)));
      skipped.push(...malformed.skipped.map((row) => (files.length === 1 ? row : { ...row, file: file.name })));
    }
    await mkdir(path.dirname(target), { recursive: true });
    const partial = `${target}.${process.pid}.partial`;
    try {
      await told(files[0]!, () => writeParquet(database, together(sources), partial));
      const rows = await describeParquet(database, partial);
      if (rows.rowCount === 0) throw noRows(files[0]!.name, skipped.length);
      await rename(partial, target);
      return { ...rows, file: target, skipped };
    } finally {
      await rm(partial, { force: true });
    }
  }, options);
}

/** Rows of several sources, one after the other; a column that a source lacks is missing there. */
function together(sources: readonly string[]): string {
  const [first, ...more] = sources;
  return more.length === 0
    ? first!
    : `(${sources.map((source) => `SELECT * FROM ${source}`).join(' UNION ALL BY NAME ')})`;
}

/** A file as it stands behind FROM. */
export async function sourceOf(
  database: Database,
  { path: given, name, format, strings }: ImportedFile,
  malformed: MalformedRows,
): Promise<string> {
  const file = format === 'parquet' ? given : await plainFile(database, given, name);
  if (format === 'parquet') return `read_parquet(${literal(file)})`;
  if (format === 'jsonl') return jsonLinesSource(database, file, malformed);
  if (format === 'json') return jsonArraySource(database, file);
  return csvSource(database, file, { name, strings, malformed, ...(format === 'tsv' && { delimiter: '\t' }) });
}

/** The file, decompressed first where Node could not read along. */
async function plainFile(database: Database, file: string, name: string): Promise<string> {
  if (!/\.zst$/i.test(file)) return file;
  const plain = path.join(database.folder, path.basename(file).replace(/\.zst$/i, ''));
  await decompress(database, file, name, plain);
  return plain;
}

async function told<Result>({ name, format }: ImportedFile, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserError || !(error instanceof Error)) throw error;
    throw cannotRead(name, format, error);
  }
}

function cannotRead(name: string, format: string, cause: Error): UserError {
  const reason = cause.message.split('\n')[0]!.replace(/^[\w ]+ Error: /, '');
  return new UserError(`${name} cannot be read as ${format}: ${reason}`, { cause, offending: name });
}

function noRows(name: string, skipped: number): UserError {
  const why = skipped > 0 ? `: all ${skipped} rows were malformed and skipped` : ' (it is empty or has only a header)';
  return new UserError(`${name} holds no rows${why}. Check the path and the format.`, { offending: name });
}
