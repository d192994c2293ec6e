import type { ColumnTable } from 'arquero';

/** A row: column name -> value. `null` is a missing value. */
export type Row = Record<string, unknown>;

/**
 * A data set as cells hold it: an arquero table with a content digest and a record in git.
 * `Columns` is the row type that later cells are checked against.
 */
export interface Dataset<Columns extends Row = Row> extends Iterable<Columns> {
  readonly name: string;
  /** `sha256:` of the rows in canonical JSON Lines. */
  readonly digest: string;
  readonly table: ColumnTable;
  readonly columns: readonly { name: string; type: string }[];
  readonly rowCount: number;
  rows(): Columns[];
  /** Commit of its record; absent when the record could not be committed. */
  readonly commit?: string;
}
