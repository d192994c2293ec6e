import { compareValues, type Sorting, type TableRow } from './table-order.ts';
import { type TableField, type TableResource, toJson } from './table-resource.ts';

/** Some rows of a table in an order: from `first` (0 is the table's first), at most `count`. */
export interface PageRequest {
  readonly first: number;
  readonly count: number;
  readonly sorting?: Sorting;
}

/** Reads rows of a whole table, of which a notebook carries only the first. */
export type ReadPage = (request: PageRequest) => readonly TableRow[] | Promise<readonly TableRow[]>;

const readers = new WeakMap<object, ReadPage>();

/** Lets clients read the rows that the resource does not hold, for as long as this process keeps it. */
export function withPages(resource: TableResource, read: ReadPage): TableResource {
  if (resource.rowCount > resource.data.length) readers.set(resource, read);
  return resource;
}

/** How the rows of a bundle's table are read; undefined when it holds all of them, or is none. */
export function pagesOf(resource: unknown): ReadPage | undefined {
  return typeof resource === 'object' && resource !== null ? readers.get(resource) : undefined;
}

/** Reads pages of a table whose values `cell(row, column)` gives, sorted over all rows. The last order is kept. */
export function createPageReader(
  fields: readonly TableField[],
  rowCount: number,
  cell: (row: number, name: string) => unknown,
): ReadPage {
  let last: { sorting: Sorting; order: Uint32Array } | undefined;
  return ({ first, count, sorting }) => {
    if (sorting !== undefined && !isSame(last?.sorting, sorting)) {
      last = { sorting, order: orderOf(rowCount, (row) => toJson(cell(row, sorting.column)), sorting.descending) };
    }
    const order = sorting === undefined ? undefined : last?.order;
    const length = Math.max(0, Math.min(count, rowCount - first));
    return Array.from({ length }, (_, i) => {
      const row = order?.[first + i] ?? first + i;
      return Object.fromEntries(fields.map(({ name }) => [name, toJson(cell(row, name))]));
    });
  };
}

function isSame(a: Sorting | undefined, b: Sorting): boolean {
  return a?.column === b.column && a.descending === b.descending;
}

/** Row numbers in the values' order; equal ones stay as they were. Each distinct value is compared once. */
function orderOf(rowCount: number, valueAt: (row: number) => unknown, descending: boolean): Uint32Array {
  const values = Array.from({ length: rowCount }, (_, row) => valueAt(row));
  const distinct = [...new Set(values)].sort((a, b) => compareValues(a, b, descending));
  const ranks = new Map<unknown, number>();
  let rank = 0;
  for (const [i, value] of distinct.entries()) {
    if (i > 0 && compareValues(distinct[i - 1], value, descending) !== 0) rank++;
    ranks.set(value, rank);
  }
  const rankOf = Uint32Array.from(values, (value) => ranks.get(value)!);
  return Uint32Array.from({ length: rowCount }, (_, row) => row).sort((a, b) => rankOf[a]! - rankOf[b]! || a - b);
}
