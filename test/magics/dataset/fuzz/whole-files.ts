import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { table, toArrowIPC } from 'arquero';
import { type Database, literal, withDatabase } from '../../../../magics/dataset/large/database.ts';

/** Writes a table of 50 rows as Parquet, in the database's own process. */
export function wholeParquet(folder: string): Promise<Buffer> {
  const rows = "SELECT range AS n, 'text ' || range AS text FROM range(50)";
  return written(folder, 'whole.parquet', (database, file) =>
    database.run(`COPY (${rows}) TO ${literal(file)} (FORMAT parquet)`),
  );
}

/** A text, compressed by Zstandard. */
export function wholeZstd(text: string, folder: string): Promise<Buffer> {
  const plain = path.join(folder, 'plain.txt');
  writeFileSync(plain, text);
  const lines = `read_csv(${literal(plain)}, auto_detect = false, header = false, columns = {line: 'VARCHAR'}, delim = '\x01', quote = '', escape = '')`;
  return written(folder, 'whole.zst', (database, file) =>
    database.run(
      `COPY (SELECT coalesce(line, '') FROM ${lines}) TO ${literal(file)} (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01', COMPRESSION zstd)`,
    ),
  );
}

/** A table of 50 rows as an Arrow file. */
export function wholeArrow(): Buffer {
  const n = Array.from({ length: 50 }, (_, i) => i);
  return Buffer.from(toArrowIPC(table({ n, text: n.map((i) => `text ${i}`) }), { format: 'file' })!);
}

async function written(
  folder: string,
  name: string,
  write: (database: Database, file: string) => Promise<void>,
): Promise<Buffer> {
  const file = path.join(folder, name);
  await withDatabase((database) => write(database, file));
  return readFileSync(file);
}
