import path from 'node:path';
import { findDelimiter, header } from '../formats/csv.ts';
import { csvRecords } from '../formats/csv-records.ts';
import type { MalformedRows } from '../formats/malformed.ts';
import { cleanCsv } from './clean-file.ts';
import { type Database, identifier, literal } from './database.ts';
import { textChunks } from './line-stream.ts';

export interface CsvImport {
  /** For messages. */
  readonly name: string;
  readonly delimiter?: string;
  /** Columns kept as text. */
  readonly strings?: readonly string[];
  /** The rows of the file that could not be read come here. */
  readonly malformed: MalformedRows;
}

const numberPattern = '-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?';

/**
 * A CSV file as it stands behind FROM, with the types that the reader in memory finds. DuckDB reads it; where it meets a
 * malformed row, the file is gone through row by row, so that no row is lost in silence.
 */
export async function csvSource(database: Database, file: string, options: CsvImport): Promise<string> {
  const { delimiter, columns, isFirst } = await readHeader(file, options);
  let raw = rawCsv(file, delimiter, columns);
  // DuckDB takes the first line for the header, also where it is blank.
  const types = isFirst ? await columnTypes(database, raw, columns, options.strings).catch(() => undefined) : undefined;
  if (types !== undefined) return typed(raw, columns, types);
  const clean = path.join(database.folder, `${path.basename(file)}.clean.csv`);
  await cleanCsv(file, delimiter, clean, options.malformed, database.signal);
  raw = rawCsv(clean, delimiter, columns);
  return typed(raw, columns, await columnTypes(database, raw, columns, options.strings));
}

async function readHeader(file: string, { name, delimiter }: CsvImport) {
  let text = '';
  for await (const chunk of textChunks(file)) {
    text += chunk;
    if (text.length > 100_000) break;
  }
  const separator = delimiter ?? findDelimiter(text);
  for (const { fields, problem, start } of csvRecords(text, separator)) {
    const isBlank = fields.length === 1 && fields[0] === null;
    if (!isBlank && problem === undefined)
      return { delimiter: separator, columns: header(fields, name), isFirst: start === 0 };
  }
  return { delimiter: separator, columns: [], isFirst: false };
}

function rawCsv(file: string, delimiter: string, columns: readonly string[]): string {
  const list = columns.map((name) => `${literal(name)}: 'VARCHAR'`).join(', ');
  const rows = `read_csv(${literal(file)}, auto_detect = false, header = true, delim = ${literal(delimiter)}, quote = '"', escape = '"', columns = {${list}}, nullstr = '', allow_quoted_nulls = false, strict_mode = true, max_line_size = 16777216, buffer_size = 33554432)`;
  // A blank line is no row, also where there is one column.
  return columns.length === 1 ? `(SELECT * FROM ${rows} WHERE ${identifier(columns[0]!)} IS NOT NULL)` : rows;
}

/** Type of each column, from all of its values; throws where DuckDB meets a malformed row. */
async function columnTypes(
  database: Database,
  raw: string,
  columns: readonly string[],
  strings: readonly string[] = [],
): Promise<string[]> {
  const open = columns.filter((name) => !strings.includes(name));
  const guesses = new Set(await sampledCandidates(database, raw, open));
  const candidates = open.filter((name) => guesses.has(name));
  const checks = candidates.map((name, i) => checksOf(identifier(name), i)).join(', ');
  const [found] = await database.rows<Record<string, number>>(
    `SELECT count(*) AS n${checks === '' ? '' : `, ${checks}`} FROM ${raw}`,
  );
  return columns.map((name) => {
    const i = candidates.indexOf(name);
    if (i < 0 || found![`present${i}`] === 0) return 'VARCHAR';
    if (found![`integer${i}`] === 0) return 'BIGINT';
    if (found![`number${i}`] === 0) return 'DOUBLE';
    return found![`boolean${i}`] === 0 ? 'BOOLEAN' : 'VARCHAR';
  });
}

/** Columns whose first values do not show already that they are text. */
async function sampledCandidates(database: Database, raw: string, columns: readonly string[]): Promise<string[]> {
  if (columns.length === 0) return [];
  const checks = columns.map((name, i) => checksOf(identifier(name), i)).join(', ');
  const [found] = await database.rows<Record<string, number>>(`SELECT ${checks} FROM (FROM ${raw} LIMIT 10000)`);
  return columns.filter((_, i) => [`integer${i}`, `number${i}`, `boolean${i}`].some((key) => found![key] === 0));
}

/** How many values are present, and how many of them are no integer, no number, no truth value. */
function checksOf(column: string, i: number): string {
  const isPresent = `${column} <> ''`;
  const isInteger = `CAST(TRY_CAST(${column} AS BIGINT) AS VARCHAR) IS NOT DISTINCT FROM ${column} AND abs(TRY_CAST(${column} AS BIGINT)) <= ${Number.MAX_SAFE_INTEGER}`;
  const isDecimal = `regexp_full_match(${column}, '${numberPattern}') AND (regexp_matches(${column}, '[.eE]') OR ${isInteger})`;
  return [
    `count_if(${isPresent}) AS present${i}`,
    `count_if(${isPresent} AND NOT (${isInteger})) AS integer${i}`,
    `count_if(${isPresent} AND NOT (${isDecimal})) AS number${i}`,
    `count_if(${isPresent} AND lower(${column}) NOT IN ('true', 'false')) AS boolean${i}`,
  ].join(', ');
}

function typed(raw: string, columns: readonly string[], types: readonly string[]): string {
  const list = columns.map((name, i) => {
    const column = identifier(name);
    return types[i] === 'VARCHAR' ? column : `CAST(nullif(${column}, '') AS ${types[i]}) AS ${column}`;
  });
  return `(SELECT ${list.join(', ')} FROM ${raw})`;
}
