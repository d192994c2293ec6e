/** A record of a table. */
export type TableRow = Readonly<Record<string, unknown>>;

/** How a table is sorted: by a column, up or down. */
export interface Sorting {
  readonly column: string;
  readonly descending: boolean;
}

/** Compares two values of a column: numbers by size, texts as people sort them, missing values last both ways. */
export function compareValues(a: unknown, b: unknown, descending: boolean): number {
  if (isMissing(a) || isMissing(b)) return Number(isMissing(a)) - Number(isMissing(b));
  return descending ? compare(b, a) : compare(a, b);
}

/** A value as text; a missing one is empty. */
export function cellText(value: unknown): string {
  if (isMissing(value)) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export function isMissing(value: unknown): boolean {
  return value === null || value === undefined;
}

const collator = new Intl.Collator(undefined, { numeric: true });

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(cellText(a), cellText(b));
}
