import { UserError } from '../../errors.ts';
import type { ParsedRows } from './malformed.ts';

/** Reads a Parquet file. Dates become ISO 8601 text, integers beyond 2^53 text, binary values base64. Loads DuckDB when first called. */
export async function readParquet(path: string, file: string): Promise<ParsedRows> {
  const { DuckDBInstance, DuckDBTypeId } = await import('@duckdb/node-api');
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  try {
    const result = await connection.runAndReadAll('SELECT * FROM read_parquet($file)', { file: path });
    const columns = result.columnNames();
    const isDate = columns.map((_, i) => result.columnTypeId(i) === DuckDBTypeId.DATE);
    const rows = result.getRowsJS().map((values) => rowOf(columns, values, isDate));
    return { columns, rows, skipped: [] };
  } catch (error) {
    throw notParquet(file, error);
  } finally {
    connection.closeSync();
    database.closeSync();
  }
}

function rowOf(
  columns: readonly string[],
  values: readonly unknown[],
  isDate: readonly boolean[],
): Record<string, unknown> {
  const plain = values.map(plainValue);
  return Object.fromEntries(
    columns.map((name, i) => [name, isDate[i] && typeof plain[i] === 'string' ? plain[i].slice(0, 10) : plain[i]]),
  );
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
