import { runInNewContext } from 'node:vm';
import type { ColumnTable } from 'arquero';
import { UserError } from '../../errors.ts';
import type { ParsedRows } from './malformed.ts';

/** Time that reading may take, many times what an undamaged file needs. */
const leastMs = 2000;
const msPerByte = 1e-3;

/** Reads an Arrow IPC file or stream (also Feather V2). Dates become ISO 8601 text, integers beyond 2^53 text, bytes base64. */
export async function readArrow(bytes: Buffer, file: string): Promise<ParsedRows> {
  const { fromArrow } = await import('arquero');
  try {
    return within(leastMs + bytes.length * msPerByte, () => {
      const table = fromArrow(bytes, { useBigInt: true, useDate: true });
      checkLengths(table, bytes);
      const rows = table.objects().map((row) => plainValue(row) as Record<string, unknown>);
      return { columns: table.columnNames(), rows, skipped: [] };
    });
  } catch (error) {
    throw notArrow(file, error);
  }
}

/** Runs work in this thread, and ends it where it takes longer: a damaged length keeps a reader busy for hours, and fills the memory. */
function within<Result>(timeout: number, work: () => Result): Result {
  return runInNewContext('work()', { work }, { timeout: Math.ceil(timeout) }) as Result;
}

/** A damaged length would be taken at its word: billions of rows, or rows that some columns do not have. A row takes a bit at least. */
function checkLengths(table: ColumnTable, bytes: Buffer): void {
  const rows = table.numRows();
  if (rows > 8 * bytes.length) throw new Error(`it says that it has ${rows} rows, more than fit into it`);
  const name = table.columnNames().find((column) => table.column(column)!.length !== rows);
  if (name !== undefined) throw new Error(`its column "${name}" has another number of rows than the others`);
}

/** A value as JSON would hold it. */
function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as Iterable<unknown>, plainValue);
  if (Array.isArray(value)) return value.map(plainValue);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainValue(item)]));
}

function notArrow(file: string, cause: unknown): UserError {
  const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  return new UserError(
    `${file} cannot be read as Arrow: ${reason}. Buffers must not be compressed: write it without compression, or as Parquet.`,
    { cause, offending: file },
  );
}
