import { createHash } from 'node:crypto';
import { open, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ColumnTable } from 'arquero';
import type { Malformed } from '../formats/malformed.ts';
import { type ImportedRows, importFiles } from '../large/import-file.ts';
import type { LargeRows } from '../large/large-rows.ts';
import { isLarge, maxTableRows } from '../large/limits.ts';
import { type FileFormat, findFormat, type ReadOptions, readDataFile } from '../read-file.ts';
import { toTable } from '../table.ts';
import { cacheFolder } from './cache-folder.ts';
import type { DataFile } from './data-file.ts';
import { findFiles, type SourcePlace } from './find-files.ts';

export interface OpenOptions extends ReadOptions {
  /** Keeps the rows on disk whatever their number. */
  readonly large?: boolean;
  /** Share that is done of the import of a large source, from 0 to 1. */
  onProgress?(fraction: number): void;
}

/** The rows of a source: in memory, or on disk when they are too many. */
export interface OpenedSource {
  readonly files: readonly DataFile[];
  readonly format: FileFormat | 'text';
  readonly rows: ColumnTable | LargeRows;
  readonly skipped: readonly Malformed[];
}

/** Opens a file, a glob, a folder of texts or a URL. More than a million rows, or 200 MB (40 MB compressed), stay on disk. */
export async function openSource(source: string, place: SourcePlace, options: OpenOptions = {}): Promise<OpenedSource> {
  const { files, isTexts } = await findFiles(source, place);
  return openFiles(files, place, { ...options, isTexts });
}

/** The same for files that were found. `isTexts`: each is one row. */
export async function openFiles(
  files: readonly DataFile[],
  place: SourcePlace,
  { isTexts, ...options }: OpenOptions & { readonly isTexts: boolean },
): Promise<OpenedSource> {
  if (isTexts) return { files, format: 'text', rows: await readTexts(files), skipped: [] };
  const format = options.format ?? (await formatOf(files[0]!));
  const mustImport = options.large === true || isLarge(files);
  if (!mustImport || format === 'arrow') {
    const read = await readAll(files, place.folder, { ...options, format });
    if (read.rows.numRows() <= maxTableRows || format === 'arrow') return { files, format, ...read };
  }
  const imported = await importCached(files, format, place, options);
  return { files, format, rows: imported, skipped: imported.skipped };
}

async function readAll(files: readonly DataFile[], folder: string, options: ReadOptions) {
  const read = [];
  for (const { name, path: file } of files) read.push(await readDataFile(name, folder, { ...options, path: file }));
  const skipped = read.flatMap((one, i) => one.skipped.map((row) => withFile(row, files, i)));
  if (read.length === 1) return { rows: read[0]!.table, skipped };
  const columns = [...new Set(read.flatMap(({ table }) => table.columnNames()))];
  const rows = read.flatMap(({ table }) => table.objects() as Record<string, unknown>[]);
  return { rows: await toTable(rows, columns), skipped };
}

function withFile(row: Malformed, files: readonly DataFile[], i: number): Malformed {
  return files.length === 1 ? row : { ...row, file: files[i]!.name };
}

/** One row a file: its path and its text. */
async function readTexts(files: readonly DataFile[]): Promise<ColumnTable> {
  const rows = await Promise.all(
    files.map(async ({ path: file, name }) => ({ file: name, text: await readFile(file, 'utf8') })),
  );
  return toTable(rows, ['file', 'text']);
}

async function formatOf({ path: file, name }: DataFile): Promise<FileFormat> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(65_536), 0, 65_536, 0);
    return findFormat(name, buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

/** An import of the same files with the same options is done once. */
async function importCached(
  files: readonly DataFile[],
  format: Exclude<FileFormat, 'arrow'>,
  { folder, signal }: SourcePlace,
  { skipMalformed, strings, onProgress }: OpenOptions,
): Promise<ImportedRows> {
  const states = await Promise.all(
    files.map(async ({ path: file }) => [file, (await stat(file)).mtimeMs, (await stat(file)).size]),
  );
  const key = createHash('sha256')
    .update(JSON.stringify([states, format, skipMalformed, strings]))
    .digest('hex');
  const target = path.join(await cacheFolder(folder), `${key.slice(0, 32)}.parquet`);
  const notes = `${target}.json`;
  const known = await readFile(notes, 'utf8').catch(() => undefined);
  if (known !== undefined && (await stat(target).catch(() => undefined)) !== undefined)
    return JSON.parse(known) as ImportedRows;
  const read = files.map(({ path: file, name }) => ({ path: file, name, format, skipMalformed, strings }));
  const rows = await importFiles(read, target, { signal, onProgress });
  await writeFile(notes, JSON.stringify(rows));
  return rows;
}
