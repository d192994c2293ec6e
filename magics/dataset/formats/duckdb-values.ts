import type { DuckDBResult, DuckDBResultReader, JS } from '@duckdb/node-api';

type PlainRow = Record<string, unknown>;

/** DATE in DuckDB's numbering of types; the package itself is loaded only when a database is opened. */
const dateType = 13;

/** A result's rows as JSON would hold them: dates as ISO 8601 text, integers beyond 2^53 as text, bytes in base64. */
export function plainRows(result: DuckDBResultReader): { columns: string[]; rows: PlainRow[] } {
  return { columns: result.columnNames(), rows: result.getRowsJS().map(plainRow(result)) };
}

/** The same of a result that is streamed: some thousand rows at a time. */
export async function* plainBatches(result: DuckDBResult): AsyncGenerator<PlainRow[]> {
  const toPlain = plainRow(result);
  for await (const rows of result.yieldRowsJs()) yield rows.map(toPlain);
}

/** Makes a plain row of the values of one. */
function plainRow(result: DuckDBResult | DuckDBResultReader): (values: readonly JS[]) => PlainRow {
  const columns = result.columnNames();
  const isDate = columns.map((_, i) => Number(result.columnTypeId(i)) === dateType);
  const isJson = columns.map((_, i) => result.columnType(i).alias === 'JSON');
  return (values) => Object.fromEntries(columns.map((name, i) => [name, cell(values[i], isDate[i]!, isJson[i]!)]));
}

function cell(value: unknown, isDate: boolean, isJson: boolean): unknown {
  if (isJson && typeof value === 'string') return JSON.parse(value);
  const plain = plainValue(value);
  return isDate && typeof plain === 'string' ? plain.slice(0, 10) : plain;
}

function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(plainValue);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainValue(item)]));
}
