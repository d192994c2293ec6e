import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { plainBatches, plainRows } from '../formats/duckdb-values.ts';
import { diskFull } from './disk-full.ts';

/** DuckDB's part of the memory; what does not fit is spilled to a temporary folder. */
const memoryLimit = '600MB';
/** How often the progress of a statement is told. */
const progressMs = 250;

/** A DuckDB database in memory that reads and writes files of this machine. It is closed by `withDatabase`. */
export interface Database {
  run(sql: string): Promise<void>;
  /** All rows of a result, as JSON would hold them. */
  rows<Row = Record<string, unknown>>(sql: string): Promise<Row[]>;
  /** As `rows`, with the names of the columns in order. */
  table(sql: string): Promise<{ columns: string[]; rows: Record<string, unknown>[] }>;
  /** The rows of a result in order, some thousand at a time; no other statement runs until they end. */
  batches(sql: string): AsyncIterable<Record<string, unknown>[]>;
  /** Folder for files that last as long as the database. */
  readonly folder: string;
  /** Stops the work. */
  readonly signal?: AbortSignal;
}

export interface DatabaseOptions {
  /** Stops the statement that runs. */
  readonly signal?: AbortSignal;
  /** Share that is done of the statement that runs, from 0 to 1. */
  onProgress?(fraction: number): void;
}

/** Opens a database for some work, and closes it. Loads DuckDB when first called. */
export async function withDatabase<Result>(
  work: (database: Database) => Promise<Result>,
  { signal, onProgress }: DatabaseOptions = {},
): Promise<Result> {
  signal?.throwIfAborted();
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const folder = await mkdtemp(path.join(os.tmpdir(), 'llmops-data-'));
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: memoryLimit,
    temp_directory: path.join(folder, 'spill'),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  const interrupt = () => connection.interrupt();
  signal?.addEventListener('abort', interrupt);
  const timer = onProgress && (await watchProgress(connection, onProgress));
  try {
    return await work(createDatabase(connection, folder, signal));
  } catch (error) {
    signal?.throwIfAborted();
    throw diskFull(error, path.dirname(folder)) ?? error;
  } finally {
    clearInterval(timer);
    signal?.removeEventListener('abort', interrupt);
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A name as SQL writes it. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as SQL writes it. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function createDatabase(connection: DuckDBConnection, folder: string, signal?: AbortSignal): Database {
  const table = async (sql: string) => {
    signal?.throwIfAborted();
    return plainRows(await connection.runAndReadAll(sql));
  };
  return {
    folder,
    signal,
    table,
    async *batches(sql) {
      signal?.throwIfAborted();
      for await (const rows of plainBatches(await connection.stream(sql))) {
        signal?.throwIfAborted();
        yield rows;
      }
    },
    async run(sql) {
      signal?.throwIfAborted();
      await connection.run(sql);
    },
    rows: async <Row>(sql: string) => (await table(sql)).rows as Row[],
  };
}

async function watchProgress(connection: DuckDBConnection, onProgress: (fraction: number) => void) {
  await connection.run('SET enable_progress_bar = true; SET enable_progress_bar_print = false;');
  return setInterval(() => {
    const { percentage } = connection.progress;
    if (percentage >= 0) onProgress(percentage / 100);
  }, progressMs);
}
