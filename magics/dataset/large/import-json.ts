import path from 'node:path';
import type { MalformedRows } from '../formats/malformed.ts';
import { cleanJsonLines } from './clean-file.ts';
import { type Database, literal } from './database.ts';
import { countLines } from './line-stream.ts';
import { columnsOf, type SqlColumn } from './plain-columns.ts';

/** Objects longer than this are refused by DuckDB. */
const maxObjectBytes = 64_000_000;

/**
 * A JSON Lines file as it stands behind FROM. All lines are looked at for their keys, and texts that look like dates stay
 * texts. Where DuckDB reads other than one row a line, the file is gone through line by line, so that no row is lost in silence.
 */
export async function jsonLinesSource(database: Database, file: string, malformed: MalformedRows): Promise<string> {
  const direct = await jsonRowsSource(database, file).catch(() => undefined);
  if (direct !== undefined) {
    const [found] = await database.rows<{ n: number }>(`SELECT count(*) AS n FROM ${direct}`).catch(() => [{ n: -1 }]);
    if (found!.n === (await countLines(file))) return direct;
  }
  const clean = path.join(database.folder, `${path.basename(file)}.clean.jsonl`);
  await cleanJsonLines(file, clean, malformed, database.signal);
  return jsonRowsSource(database, clean);
}

/** A file that is one JSON array of objects. */
export function jsonArraySource(database: Database, file: string): Promise<string> {
  return source(database, file, 'array');
}

/** A file of one object a line that was written here; its columns are found in it where they are not known. */
export function jsonRowsSource(database: Database, file: string, columns?: readonly SqlColumn[]): Promise<string> {
  return source(database, file, 'newline_delimited', columns);
}

async function source(database: Database, file: string, format: string, known?: readonly SqlColumn[]): Promise<string> {
  const common = `${literal(file)}, format = '${format}', maximum_object_size = ${maxObjectBytes}, records = true`;
  const found = `read_json(${common}, sample_size = -1, map_inference_threshold = -1)`;
  const columns = known ?? (await columnsOf(database, found));
  const list = columns.map(({ name, type }) => `${literal(name)}: ${literal(withoutDates(type))}`).join(', ');
  return `read_json(${common}, columns = {${list}})`;
}

function withoutDates(type: string): string {
  return type.replaceAll(/\b(?:TIMESTAMP(?: WITH TIME ZONE|_NS|_MS|_S)?|DATE|TIME|UUID)\b(?=$|[,)[])/g, 'VARCHAR');
}
