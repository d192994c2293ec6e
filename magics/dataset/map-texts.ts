import type { Row } from './dataset.ts';

/** The row with every text of the columns replaced, also the texts within lists and objects. */
export function mapTexts(row: Row, columns: readonly string[], replace: (text: string) => string): Row {
  const changed: Row = { ...row };
  for (const column of columns) changed[column] = mapValue(row[column], replace);
  return changed;
}

function mapValue(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value);
  if (Array.isArray(value)) return value.map((item) => mapValue(item, replace));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapValue(item, replace)]));
}
