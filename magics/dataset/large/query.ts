import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ColumnTable } from 'arquero';
import { UserError } from '../../errors.ts';
import { canonicalLines } from '../canonical.ts';
import type { Dataset } from '../dataset.ts';
import { count } from '../display.ts';
import { toTable } from '../table.ts';
import { type Database, type DatabaseOptions, identifier, literal, withDatabase } from './database.ts';
import { jsonRowsSource } from './import-json.ts';
import { fromParquet } from './large-rows.ts';
import { maxTableRows } from './limits.ts';

/** The rows that a query over data sets gives, as a table of at most a million rows. */
export function queryTable(query: string, datasets: ReadonlyMap<string, Dataset>): Promise<ColumnTable> {
  return withQuery(query, datasets, async (database, select) => {
    const { rows, columns } = await database.table(`FROM ${select} LIMIT ${maxTableRows + 1}`);
    if (rows.length > maxTableRows) throw tooManyRows();
    return toTable(rows, columns);
  });
}

/** Does some work with a query over data sets; `select` stands behind FROM. Other files are out of reach but for `folders`, so that a record names all that was read. */
export function withQuery<Result>(
  query: string,
  datasets: ReadonlyMap<string, Dataset>,
  work: (database: Database, select: string) => Promise<Result>,
  options?: DatabaseOptions,
  folders: readonly string[] = [],
): Promise<Result> {
  return withDatabase(async (database) => {
    for (const [name, dataset] of datasets) await createView(database, name, dataset);
    const files = [...datasets.values()].flatMap(({ large }) => large?.file ?? []);
    await database.run(`SET allowed_paths = [${files.map(literal).join(', ')}]`);
    await database.run(`SET allowed_directories = [${[database.folder, ...folders].map(literal).join(', ')}]`);
    await database.run('SET enable_external_access = false');
    try {
      return await work(database, `(${query.trim().replace(/;\s*$/, '')}\n)`);
    } catch (error) {
      if (error instanceof UserError || !(error instanceof Error)) throw error;
      throw queryFailed(error);
    }
  }, options);
}

async function createView(database: Database, name: string, dataset: Dataset): Promise<void> {
  const list = dataset.columns.map((column) => identifier(column.name)).join(', ');
  const from = dataset.large === undefined ? await writeRows(database, dataset) : fromParquet(dataset.large.file);
  const [schema, ...rest] = name.split('.');
  // Unquoted, tickets.train is a table in a schema.
  if (rest.length > 0) await database.run(`CREATE SCHEMA IF NOT EXISTS ${identifier(schema!)}`);
  const full = rest.length === 0 ? identifier(name) : `${identifier(schema!)}.${identifier(rest.join('.'))}`;
  await database.run(`CREATE VIEW ${full} AS SELECT ${list} FROM ${from}`);
}

async function writeRows(database: Database, { name, table }: Dataset): Promise<string> {
  const file = path.join(database.folder, `${name}.jsonl`);
  await pipeline(Readable.from(canonicalLines(table)), createWriteStream(file));
  return jsonRowsSource(database, file);
}

function queryFailed(cause: Error): UserError {
  const [first = '', ...rest] = cause.message.split('\n').filter((line) => line.trim() !== '');
  const hint = rest.find((line) => /candidate|did you mean/i.test(line));
  return new UserError(`The query failed: ${[first.replace(/^(\w+) Error: /, ''), hint].filter(Boolean).join(' ')}`, {
    cause,
  });
}

function tooManyRows(): UserError {
  return new UserError(
    `The query gives more than ${count(maxTableRows, 'row')}. Add a LIMIT, aggregate, or make it a data set of its own with a %%dataset sql --as NAME cell.`,
  );
}
