import { stat } from 'node:fs/promises';
import path from 'node:path';
import { createDataset, type Dataset, isDataset } from './dataset.ts';
import { readDataFile } from './read-file.ts';

/** The data set that a handle, a record's name or a file's path stands for. `folder`: where relative paths start. */
export async function resolveDataset(value: string | Dataset, folder: string): Promise<Dataset> {
  if (isDataset(value)) return value;
  const isFile = await stat(path.resolve(folder, value)).then(
    (s) => s.isFile(),
    () => false,
  );
  if (!isFile && !looksLikePath(value)) throw new Error(value);
  const { table } = await readDataFile(value, folder);
  return createDataset(path.basename(value).replace(/\..*$/, ''), table);
}

function looksLikePath(value: string): boolean {
  return value.includes('/') || /\.(?:csv|tsv|jsonl|ndjson|json|parquet)(?:\.gz)?$/i.test(value);
}
