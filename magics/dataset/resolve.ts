import { stat } from 'node:fs/promises';
import path from 'node:path';
import { suggestion, UserError } from '../errors.ts';
import { openStore } from '../governance/open-store.ts';
import type { RecordStore } from '../governance/store.ts';
import { createDataset, type Dataset, isDataset } from './dataset.ts';
import { createLargeDataset } from './large/large-dataset.ts';
import { isLargeRows } from './large/large-rows.ts';
import { isNoRepository, readRecorded } from './record.ts';
import type { SourcePlace } from './sources/find-files.ts';
import { type OpenOptions, openSource } from './sources/open-source.ts';

/**
 * The data set that a handle, a record's name or a file's path stands for. A name wins over a file of the same name.
 * `folder`: the notebook's, where relative paths start; `place`: where a download or a long import is shown, and what stops it.
 */
export async function resolveDataset(
  value: string | Dataset,
  folder: string,
  place: Omit<SourcePlace, 'folder'> & Pick<OpenOptions, 'onProgress'> = {},
): Promise<Dataset> {
  if (isDataset(value)) return value;
  if (typeof value !== 'string') throw notDataset(value);
  const store = await openStore(folder).catch((error: unknown) => {
    if (isNoRepository(error)) return undefined;
    throw error;
  });
  const recorded = store && (await readRecorded(store, value));
  if (recorded !== undefined) return recorded;
  if (!looksLikePath(value) && !(await isFile(path.resolve(folder, value)))) throw await datasetNotFound(value, store);
  const { onProgress, ...shown } = place;
  const { rows } = await openSource(value, { folder, ...shown }, { onProgress });
  const name = path.basename(value).replace(/\..*$/, '') || 'data';
  return isLargeRows(rows) ? createLargeDataset(name, rows) : createDataset(name, rows);
}

function looksLikePath(value: string): boolean {
  return /[/\\]|\.(?:csv|tsv|jsonl|ndjson|json|parquet|arrow)(?:\.gz|\.zst)?$/i.test(value);
}

function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

async function datasetNotFound(name: string, store: RecordStore | undefined): Promise<UserError> {
  const names = (await store?.names('dataset')) ?? [];
  const load = `Load one with: %dataset load FILE --as ${/^[\w.-]+$/.test(name) ? name : 'NAME'}`;
  const why =
    store === undefined
      ? ` This folder is not a git repository, so data sets have no records: pass the variable (\${${name}}), or run %llmops init first.`
      : suggestion(name, names, 'Data sets');
  return new UserError(`Data set "${name}" does not exist.${why} ${load}`, { offending: name });
}

function notDataset(value: unknown): UserError {
  const what = value === null ? 'null' : typeof value;
  return new UserError(`Expected a data set (a name, a file or a handle), not ${what}.`);
}
