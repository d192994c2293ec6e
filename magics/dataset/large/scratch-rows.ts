import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { ColumnTable } from 'arquero';
import type { Dataset } from '../dataset.ts';
import { cacheFolder } from '../sources/cache-folder.ts';
import { createColumns } from '../table.ts';
import type { Database } from './database.ts';
import { describeParquet, fromParquet, isLargeRows, type LargeRows, writeParquet } from './large-rows.ts';
import { maxTableRows } from './limits.ts';
import { columnsOf } from './plain-columns.ts';

/** Where scratch files lie, and what stops the work. */
export interface ScratchPlace {
  readonly folder: string;
  readonly signal?: AbortSignal;
  /** Rows that a table may have, a million when absent: more stay in a file. */
  readonly tableRows?: number;
  /** Told when all rows are known, and are about to be written and digested. */
  onWriting?(): void;
}

/** Keeps rows, which stand behind FROM, in memory or in the file that was made for them. */
export type KeepRows = (database: Database, from: string) => Promise<ColumnTable | LargeRows>;

/** Makes rows that are kept as a table, or in a file of the cache where they are too many. See `handOver`. */
export async function scratchRows(
  { folder, tableRows = maxTableRows, onWriting }: ScratchPlace,
  make: (keep: KeepRows, target: string) => Promise<ColumnTable | LargeRows>,
): Promise<ColumnTable | LargeRows> {
  const target = path.join(await cacheFolder(folder), `${randomUUID()}.parquet`);
  let isKept = false;
  try {
    const keep: KeepRows = (database, from) => {
      onWriting?.();
      return keepRows(database, from, target, tableRows);
    };
    const rows = await make(keep, target);
    isKept = isLargeRows(rows);
    return rows;
  } finally {
    if (!isKept) await rm(target, { force: true });
  }
}

/** Hands rows over to `record`. No file stays in the cache but those that a data set is read from: outside a repository, where no record stores them. */
export async function handOver<Kept extends { readonly dataset: Dataset }>(
  tables: readonly (ColumnTable | LargeRows)[],
  record: () => Promise<readonly Kept[]>,
): Promise<readonly Kept[]> {
  let kept: readonly Kept[] = [];
  try {
    kept = await record();
    return kept;
  } finally {
    const read = new Set(kept.map(({ dataset }) => dataset.large?.file));
    await forgetRows(tables.filter((rows) => isLargeRows(rows) && !read.has(rows.file)));
  }
}

/** Removes the files that rows lie in. */
export async function forgetRows(tables: readonly (ColumnTable | LargeRows)[]): Promise<void> {
  await Promise.all(tables.filter(isLargeRows).map(({ file }) => rm(file, { force: true })));
}

async function keepRows(
  database: Database,
  from: string,
  target: string,
  tableRows: number,
): Promise<ColumnTable | LargeRows> {
  await writeParquet(database, from, target);
  const kept = fromParquet(target);
  const [found] = await database.rows<{ n: number }>(`SELECT count(*) AS n FROM ${kept}`);
  if (found!.n > tableRows) return describeParquet(database, target);
  const columns = createColumns((await columnsOf(database, kept)).map(({ name }) => name));
  for await (const rows of database.batches(`FROM ${kept}`)) rows.forEach(columns.add);
  return columns.toTable();
}
