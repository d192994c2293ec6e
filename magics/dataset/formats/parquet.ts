import { UserError } from '../../errors.ts';
import { plainRows } from './duckdb-values.ts';
import type { ParsedRows } from './malformed.ts';

/** Reads a Parquet file. Dates become ISO 8601 text, integers beyond 2^53 text, binary values base64. Loads DuckDB when first called. */
export async function readParquet(path: string, file: string): Promise<ParsedRows> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  try {
    const result = await connection.runAndReadAll('SELECT * FROM read_parquet($file)', { file: path });
    return { ...plainRows(result), skipped: [] };
  } catch (error) {
    throw notParquet(file, error);
  } finally {
    connection.closeSync();
    database.closeSync();
  }
}

function notParquet(file: string, cause: unknown): UserError {
  const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  return new UserError(`${file} cannot be read as Parquet: ${reason}`, { cause, offending: file });
}
