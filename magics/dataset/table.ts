import type { ColumnTable } from 'arquero';

/** Rows as an arquero table. A key that a row lacks is a missing value. Loads arquero when first called. */
export async function toTable(
  rows: readonly Record<string, unknown>[],
  columns: readonly string[],
): Promise<ColumnTable> {
  const { table } = await import('arquero');
  return table(columns.map((name): [string, unknown[]] => [name, rows.map((row) => row[name] ?? null)]));
}
