import { UserError } from '../../errors.ts';
import type { ParsedRows } from './malformed.ts';

/** Reads a Parquet file. Dates become ISO 8601 text, integers beyond 2^53 text, binary values base64. Loads DuckDB when first called. */
export async function readParquet(path: string, file: string): Promise<ParsedRows> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  try {
    const result = await connection.runAndReadAll('SELECT * FROM read_parquet($file)', { file: path });
    const rows = result.getRowObjectsJS().map((row) => plainValue(row) as Record<string, unknown>);
    return { columns: result.columnNames(), rows, skipped: [] };
  } catch (error) {
    throw notParquet(file, error);
  } finally {
    connection.closeSync();
    database.closeSync();
  }
}

/** DuckDB's value as JSON would hold it. */
function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plainValue);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainValue(item)]));
}

function notParquet(file: string, cause: unknown): UserError {
  const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  return new UserError(`${file} cannot be read as Parquet: ${reason}`, { cause, offending: file });
}
