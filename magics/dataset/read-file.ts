import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ColumnTable } from 'arquero';
import { UserError } from '../errors.ts';
import { fileNotFound } from './file-not-found.ts';
import { readArrow } from './formats/arrow.ts';
import { parseCsv } from './formats/csv.ts';
import { parseJsonArray, parseJsonLines } from './formats/json.ts';
import { type Malformed, malformedRows, type ParsedRows } from './formats/malformed.ts';
import { readParquet } from './formats/parquet.ts';
import { isZstd, unzstd } from './formats/zstd.ts';
import { toTable } from './table.ts';

export const fileFormats = ['csv', 'tsv', 'jsonl', 'json', 'parquet', 'arrow'] as const;
export type FileFormat = (typeof fileFormats)[number];

export interface ReadOptions {
  /** Found from the file's first bytes and its extension when absent. */
  readonly format?: FileFormat;
  readonly skipMalformed?: boolean;
  /** CSV columns kept as text. */
  readonly strings?: readonly string[];
  /** Where the file lies, when that is not what its name says: a download. */
  readonly path?: string;
}

/** A file read whole. */
export interface FileTable {
  readonly table: ColumnTable;
  /** Digest of the file's bytes. */
  readonly fileDigest: string;
  readonly format: FileFormat;
  readonly skipped: readonly Malformed[];
}

/** Text longer than this does not fit into one JavaScript string. */
const maxTextBytes = 500_000_000;
const extensions: Record<string, FileFormat> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'json',
  '.parquet': 'parquet',
  '.pq': 'parquet',
  '.arrow': 'arrow',
  '.feather': 'arrow',
  '.ipc': 'arrow',
};

/** Reads CSV, TSV, JSON Lines, JSON, Parquet or Arrow, compressed (gzip, zstd) or not. `file` is relative to `folder`. */
export async function readDataFile(file: string, folder: string, options: ReadOptions = {}): Promise<FileTable> {
  const absolute = options.path ?? path.resolve(folder, file);
  const raw = await readFile(absolute).catch(async (error: NodeJS.ErrnoException) => {
    throw await fileNotFound(file, absolute, error);
  });
  const isGzip = raw[0] === 0x1f && raw[1] === 0x8b;
  const bytes = isGzip ? unzip(raw, file) : isZstd(raw) ? await unzstd(absolute, file) : raw;
  const format = options.format ?? findFormat(file, bytes);
  const parsed = await parse(bytes, format, absolute, file, options);
  if (parsed.columns.length === 0 || parsed.rows.length === 0) throw noRows(file, parsed.skipped.length);
  return {
    table: await toTable(parsed.rows, parsed.columns),
    fileDigest: `sha256:${createHash('sha256').update(raw).digest('hex')}`,
    format,
    skipped: parsed.skipped,
  };
}

async function parse(
  bytes: Buffer,
  format: FileFormat,
  absolute: string,
  file: string,
  options: ReadOptions,
): Promise<ParsedRows> {
  if (format === 'parquet') return readParquet(absolute, file);
  if (format === 'arrow') return readArrow(bytes, file);
  return parseText(decode(bytes, file), format, file, options);
}

/** The text of a UTF-8 file. */
export async function readText(file: string): Promise<string> {
  return decode(await readFile(file), path.basename(file));
}

/** Rows of a text in one of these formats. UserError for the first malformed row, unless they are to be skipped. */
export function parseText(
  text: string,
  format: Exclude<FileFormat, 'parquet' | 'arrow'>,
  file: string,
  options: ReadOptions,
): ParsedRows {
  const malformed = malformedRows(file, options.skipMalformed === true);
  const isArray = /^\s*\[/.test(text);
  if (format === 'csv') return parseCsv(text, { file, strings: options.strings }, malformed);
  if (format === 'tsv') return parseCsv(text, { file, strings: options.strings, delimiter: '\t' }, malformed);
  const isLines = format === 'jsonl' || /^\s*\{[^\n]*\}\s*\n\s*\{/.test(text);
  return isLines && !isArray ? parseJsonLines(text, malformed) : parseJsonArray(text, file, malformed);
}

/** What the file is: its first bytes count more than its name. */
export function findFormat(file: string, bytes: Buffer): FileFormat {
  if (bytes.subarray(0, 4).toString('latin1') === 'PAR1') return 'parquet';
  if (bytes.subarray(0, 6).toString('latin1') === 'ARROW1') return 'arrow';
  const extension = path.extname(file.replace(/\.(?:gz|zst)$/i, '').replace(/[?#].*$/, '')).toLowerCase();
  const named = extensions[extension];
  if (named === undefined) throw unknownFormat(file, extension);
  const firstLine =
    bytes
      .subarray(0, 65_536)
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .trimStart()
      .split('\n', 1)[0] ?? '';
  return (named === 'csv' || named === 'tsv') && /^\{\s*"/.test(firstLine) ? 'jsonl' : named;
}

function decode(bytes: Buffer, file: string): string {
  if (bytes.length > maxTextBytes) throw tooLarge(file, bytes.length);
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw notText(file, bytes, cause);
  }
}

function unzip(bytes: Buffer, file: string): Buffer {
  try {
    return gunzipSync(bytes);
  } catch (cause) {
    throw new UserError(`${file} is gzipped, but damaged or cut short. Copy it again.`, { cause, offending: file });
  }
}

function unknownFormat(file: string, extension: string): UserError {
  const known = Object.keys(extensions).join(', ');
  const what = extension === '' ? 'has no extension' : `ends in "${extension}", which is not a known format`;
  return new UserError(
    `${file} ${what}. Known: ${known} (also with .gz and .zst). Name the format with --format ${fileFormats.join('|')}.`,
    {
      offending: file,
    },
  );
}

function noRows(file: string, skipped: number): UserError {
  const why = skipped > 0 ? `: all ${skipped} rows were malformed and skipped` : ' (it is empty or has only a header)';
  return new UserError(`${file} holds no rows${why}. Check the path and the format.`, { offending: file });
}

function tooLarge(file: string, bytes: number): UserError {
  const megabytes = Math.round(bytes / 1e6).toLocaleString('en-US');
  return new UserError(
    `${file} is ${megabytes} MB of text; at most 500 MB can be loaded. Split it, or sample its rows first.`,
    {
      offending: file,
    },
  );
}

function notText(file: string, bytes: Buffer, cause: unknown): UserError {
  const line = firstBrokenLine(bytes);
  return new UserError(
    `${file}, line ${line}: not UTF-8 text. Save it as UTF-8 (for example: iconv -f latin1 -t utf-8).`,
    {
      cause,
      offending: file,
    },
  );
}

function firstBrokenLine(bytes: Buffer): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(10, start);
    const end = newline < 0 ? bytes.length : newline;
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    start = end + 1;
  }
  return line;
}
