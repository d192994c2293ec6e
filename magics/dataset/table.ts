import type { ColumnTable } from 'arquero';

/** Rows as an arquero table. A key that a row lacks is a missing value. Loads arquero when first called. */
export function toTable(rows: Iterable<Record<string, unknown>>, columns: readonly string[]): Promise<ColumnTable> {
  return tableOf(columns.map((name) => [name, Array.from(rows, (row) => row[name] ?? null)]));
}

/** Columns of rows that come one after the other; a column that a later row brings is missing in those before. */
export function createColumns(names: readonly string[]) {
  const columns = new Map<string, unknown[]>(names.map((name) => [name, []]));
  let length = 0;
  return {
    add(row: Readonly<Record<string, unknown>>): void {
      for (const name of Object.keys(row)) if (!columns.has(name)) columns.set(name, Array(length).fill(null));
      for (const [name, values] of columns) values.push(row[name] ?? null);
      length++;
    },
    toTable: (): Promise<ColumnTable> => tableOf([...columns]),
  };
}

async function tableOf(columns: readonly (readonly [string, readonly unknown[]])[]): Promise<ColumnTable> {
  const { table } = await import('arquero');
  return table(columns.map(([name, values]): [string, readonly unknown[]] => [name, values]));
}
