import type { ColumnTable } from 'arquero';
import { displaySymbol, typeSymbol } from '../context.ts';
import { digestTable } from './canonical.ts';
import { type Column, describeColumns, rowType } from './column-types.ts';
import { datasetBundle } from './display.ts';
import type { LargeRows } from './large/large-rows.ts';
import { createRandom, shuffled } from './random.ts';
import { addTableVerbs, type TableVerbs, type TypedTable } from './typed-table.ts';

/** A row: column name -> value. `null` is a missing value. */
export type Row = Record<string, unknown>;

/**
 * A data set as cells hold it: an arquero table with a content digest and a record in git. It has the table's verbs itself.
 * `Columns` is the row type that later cells are checked against.
 */
export interface Dataset<Columns extends Row = Row> extends Iterable<Columns>, TableVerbs<Columns> {
  readonly name: string;
  /** `sha256:` of the rows in canonical JSON Lines: keys sorted, missing values null; the same rows have the same digest whatever file they came from. */
  readonly digest: string;
  /** All rows; data sets larger than memory refuse it, and `head`, `sample` and `sql` take its place. */
  readonly table: TypedTable<Columns>;
  /** The first rows, for looking at. */
  readonly preview: TypedTable<Columns>;
  /** Where the rows lie when there are too many for memory. */
  readonly large?: LargeRows;
  /** Names and TypeScript types, in the table's order. */
  readonly columns: readonly Column[];
  readonly rowCount: number;
  rows(): Columns[];
  numRows(): number;
  /** The first rows; 20 when `count` is absent. */
  head(count?: number): Promise<TypedTable<Columns>>;
  /** Rows drawn at random, in order; the same seed gives the same rows. */
  sample(count: number, seed?: number): Promise<TypedTable<Columns>>;
  /** All rows as an arquero table, up to a million. */
  toTable(): Promise<TypedTable<Columns>>;
  /** The rows that a query gives, up to a million. The data set goes by its own name and by `data`. */
  sql(query: string): Promise<ColumnTable>;
  /** Commit of its record; absent when the record could not be committed. */
  readonly commit?: string;
}

/** Makes the handle of a table. The digest and the column types are computed unless they are known already. */
export function createDataset<Columns extends Row = Row>(
  name: string,
  arqueroTable: ColumnTable,
  known: { digest?: string; columns?: readonly Column[]; commit?: string } = {},
): Dataset<Columns> {
  const table = arqueroTable as TypedTable<Columns>;
  const columns = known.columns ?? describeColumns(table);
  const dataset: Dataset<Columns> = completeHandle({
    name,
    digest: known.digest ?? digestTable(table),
    table,
    preview: table,
    columns,
    rowCount: table.numRows(),
    rows: () => table.objects(),
    numRows: () => table.numRows(),
    head: async (count = 20) => table.slice(0, count),
    sample: async (count, seed = 0) => table.reify(sampledRows(table.numRows(), count, seed)),
    toTable: async () => table,
    sql: async (query) => (await import('./large/query.ts')).queryTable(query, aliases(dataset)),
    commit: known.commit,
    [Symbol.iterator]: () => table[Symbol.iterator](),
  });
  return dataset;
}

/** Adds the table's verbs, how the data set is displayed, and what type it has in later cells. */
export function completeHandle<Columns extends Row>(
  handle: Omit<Dataset<Columns>, keyof TableVerbs<Columns>>,
): Dataset<Columns> {
  const dataset = addTableVerbs(handle) as Dataset<Columns>;
  return Object.defineProperties(dataset, {
    [displaySymbol]: { value: () => datasetBundle(dataset) },
    [typeSymbol]: { value: `import('llmops').Dataset<${rowType(dataset.columns)}>` },
  });
}

/** The names under which a data set's own `sql` knows it. */
export function aliases(dataset: Dataset): ReadonlyMap<string, Dataset> {
  return new Map([
    ['data', dataset],
    [dataset.name, dataset],
  ]);
}

/** True for the handles that `createDataset` makes. */
export function isDataset(value: unknown): value is Dataset {
  return typeof value === 'object' && value !== null && 'digest' in value && 'table' in value && 'rows' in value;
}

function sampledRows(total: number, count: number, seed: number): number[] {
  const all = Array.from({ length: total }, (_, row) => row);
  return shuffled(all, createRandom(seed))
    .slice(0, count)
    .sort((a, b) => a - b);
}
