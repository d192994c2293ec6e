import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../errors.ts';
import { type Database, literal, withDatabase } from '../large/database.ts';
import { isWholeZstd } from './zstd-frames.ts';

/** Whether bytes begin as Zstandard's frames do. */
export function isZstd(bytes: Buffer): boolean {
  return bytes.subarray(0, 4).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]));
}

/** The bytes of a text that was compressed by Zstandard. */
export async function unzstd(absolute: string, file: string): Promise<Buffer> {
  return withDatabase(async (database) => {
    const plain = path.join(database.folder, 'plain');
    await decompress(database, absolute, file, plain);
    const bytes = await readFile(plain);
    await rm(plain);
    return bytes;
  });
}

/** Writes what a file compressed by Zstandard holds to `target`, line by line: DuckDB knows the format, and Node 20 does not. */
export async function decompress(database: Database, absolute: string, file: string, target: string): Promise<void> {
  const lines = `read_csv(${literal(absolute)}, auto_detect = false, header = false, columns = {line: 'VARCHAR'}, delim = '\x01', quote = '', escape = '', compression = 'zstd', max_line_size = 16777216, buffer_size = 33554432)`;
  if (!(await isWholeZstd(absolute))) throw damaged(file);
  try {
    await database.run(
      `COPY (SELECT coalesce(line, '') FROM ${lines}) TO ${literal(target)} (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01')`,
    );
  } catch (cause) {
    throw damaged(file, cause);
  }
}

function damaged(file: string, cause?: unknown): UserError {
  return new UserError(`${file} is compressed by zstd, but damaged or cut short. Copy it again.`, {
    cause,
    offending: file,
  });
}
