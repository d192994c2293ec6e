import { createHash } from 'node:crypto';
import type { ColumnTable } from 'arquero';

/**
 * The rows as canonical JSON Lines, one string with its newline per row: keys sorted at every level, every column
 * present, missing values null. Equal rows give equal lines whether they came from CSV, JSON or Parquet.
 */
export function* canonicalLines(table: ColumnTable): Generator<string> {
  const names = table.columnNames().sort();
  const keys = names.map((name) => `${JSON.stringify(name)}:`);
  const columns = names.map((name) => table.array(name) as ArrayLike<unknown>);
  for (let row = 0; row < table.numRows(); row++) {
    yield `{${columns.map((column, i) => keys[i] + canonicalJson(column[row])).join(',')}}\n`;
  }
}

/** `sha256:` of the canonical lines. */
export function digestTable(table: ColumnTable): string {
  const hash = createHash('sha256');
  let chunk = '';
  for (const line of canonicalLines(table)) {
    chunk += line;
    if (chunk.length > 65_536) {
      hash.update(chunk);
      chunk = '';
    }
  }
  return `sha256:${hash.update(chunk).digest('hex')}`;
}

/** JSON with sorted keys; a missing value and a number that JSON cannot hold (NaN) are null. */
export function canonicalJson(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value instanceof Date) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}
