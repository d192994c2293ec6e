import type { ColumnTable } from 'arquero';
import { displaySymbol, typeSymbol } from '../context.ts';
import { digestTable } from './canonical.ts';
import { type Column, describeColumns, rowType } from './column-types.ts';
import { datasetBundle } from './display.ts';

/** A row: column name -> value. `null` is a missing value. */
export type Row = Record<string, unknown>;

/**
 * A data set as cells hold it: an arquero table with a content digest and a record in git.
 * `Columns` is the row type that later cells are checked against.
 */
export interface Dataset<Columns extends Row = Row> extends Iterable<Columns> {
  readonly name: string;
  /** `sha256:` of the rows in canonical JSON Lines: keys sorted, missing values null; the same rows have the same digest whatever file they came from. */
  readonly digest: string;
  readonly table: ColumnTable;
  /** Names and TypeScript types, in the table's order. */
  readonly columns: readonly Column[];
  readonly rowCount: number;
  rows(): Columns[];
  /** Commit of its record; absent when the record could not be committed. */
  readonly commit?: string;
}

/** Makes the handle of a table. The digest and the column types are computed unless they are known already. */
export function createDataset<Columns extends Row = Row>(
  name: string,
  table: ColumnTable,
  known: { digest?: string; columns?: readonly Column[]; commit?: string } = {},
): Dataset<Columns> {
  const columns = known.columns ?? describeColumns(table);
  const dataset: Dataset<Columns> = {
    name,
    digest: known.digest ?? digestTable(table),
    table,
    columns,
    rowCount: table.numRows(),
    rows: () => table.objects() as Columns[],
    commit: known.commit,
    [Symbol.iterator]: () => table[Symbol.iterator]() as Iterator<Columns>,
  };
  return Object.defineProperties(dataset, {
    [displaySymbol]: { value: () => datasetBundle(dataset) },
    [typeSymbol]: { value: `import('llmops').Dataset<${rowType(columns)}>` },
  });
}

/** True for the handles that `createDataset` makes. */
export function isDataset(value: unknown): value is Dataset {
  return typeof value === 'object' && value !== null && 'digest' in value && 'table' in value && 'rows' in value;
}
