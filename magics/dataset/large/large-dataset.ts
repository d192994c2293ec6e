import { UserError } from '../../errors.ts';
import { aliases, completeHandle, type Dataset, type Row } from '../dataset.ts';
import { count } from '../display.ts';
import { toTable } from '../table.ts';
import type { TypedTable } from '../typed-table.ts';
import { identifier, withDatabase } from './database.ts';
import { fromParquet, type LargeRows } from './large-rows.ts';
import { maxTableRows } from './limits.ts';
import { queryTable } from './query.ts';

/** Rows that are kept in memory for looking at. */
const previewRows = 1000;

/** The handle of a data set whose rows stay on disk: what asks for all rows at once is refused, saying what to use instead. */
export async function createLargeDataset<Columns extends Row = Row>(
  name: string,
  large: LargeRows,
  commit?: string,
): Promise<Dataset<Columns>> {
  const { columns, digest, rowCount } = large;
  const from = fromParquet(large.file);
  const select = (sql: string) =>
    withDatabase(async (database) => {
      const result = await database.table(sql);
      return (await toTable(result.rows, result.columns)) as TypedTable<Columns>;
    });
  const all = () => Promise.resolve(checkSize(name, rowCount)).then(() => select(`FROM ${from}`));
  const tooLarge = (): never => {
    throw notInMemory(name, rowCount);
  };
  const dataset: Dataset<Columns> = completeHandle({
    name,
    digest,
    columns,
    rowCount,
    large,
    commit,
    preview: await select(`FROM ${from} LIMIT ${previewRows}`),
    get table() {
      return tooLarge();
    },
    rows: tooLarge,
    [Symbol.iterator]: tooLarge,
    numRows: () => rowCount,
    head: (n = 20) => select(`FROM ${from} LIMIT ${checkSize(name, n)}`),
    sample: async (n, seed = 0) => select(sampleSql(large, checkSize(name, n), seed)),
    toTable: async () => all(),
    sql: (query) => queryTable(query, aliases(dataset)),
  });
  return dataset;
}

/** Rows drawn by the hash of seed and position: the rows come in order, and do not depend on threads. */
export function sampleSql({ file, columns }: LargeRows, n: number, seed: number): string {
  const place = `hash(file_row_number, ${Math.floor(seed)}::BIGINT)`;
  const rows = `read_parquet('${file.replaceAll("'", "''")}', file_row_number = true)`;
  const list = columns.map(({ name }) => identifier(name)).join(', ');
  const chosen = `SELECT file_row_number FROM ${rows} ORDER BY ${place} LIMIT ${Math.floor(n)}`;
  return `SELECT ${list} FROM ${rows} WHERE file_row_number IN (${chosen}) ORDER BY file_row_number`;
}

function checkSize(name: string, rows: number): number {
  if (rows > maxTableRows) throw tooManyRows(name, rows);
  return rows;
}

function notInMemory(name: string, rows: number): UserError {
  return new UserError(
    `${name} has ${count(rows, 'row')} and stays on disk. Take a part of it (await ${name}.sample(100_000), await ${name}.head(1000)), query it (await ${name}.sql('SELECT ...'), or a %%dataset sql cell), or use await ${name}.toTable() up to ${count(maxTableRows, 'row')}.`,
    { offending: name },
  );
}

function tooManyRows(name: string, rows: number): UserError {
  return new UserError(
    `A table holds at most ${count(maxTableRows, 'row')}; ${count(rows, 'row')} of ${name} were asked for. Take a sample (await ${name}.sample(100_000)) or query it (await ${name}.sql('SELECT ...')).`,
    { offending: name },
  );
}
