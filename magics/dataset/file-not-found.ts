import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { suggestion, UserError } from '../errors.ts';

/** Says why a file could not be read and which names lie beside it. */
export async function fileNotFound(file: string, absolute: string, cause: NodeJS.ErrnoException): Promise<UserError> {
  if (cause.code === 'EISDIR') return folderGiven(file, absolute);
  if (cause.code !== 'ENOENT')
    return new UserError(`${file} cannot be read: ${cause.message}`, { cause, offending: file });
  const folder = path.dirname(absolute);
  const shown = path.dirname(file);
  const isFolder = await stat(folder).then(
    (s) => s.isDirectory(),
    () => false,
  );
  if (!isFolder)
    return new UserError(`${file} does not exist: there is no folder "${shown}".`, { cause, offending: file });
  const names = await dataFiles(folder);
  const hint = suggestion(path.basename(file), names, `Data files in ${shown === '.' ? 'this folder' : shown}`);
  return new UserError(`${file} does not exist.${hint}`, { cause, offending: file });
}

async function folderGiven(file: string, absolute: string): Promise<UserError> {
  const names = await dataFiles(absolute);
  const list = names.length > 0 ? ` Name one of its files: ${names.join(', ')}.` : ' It holds no data files.';
  return new UserError(`${file} is a folder.${list}`, { offending: file });
}

async function dataFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => /\.(?:csv|tsv|tab|jsonl|ndjson|json|parquet|pq)(?:\.gz)?$/i.test(name)).slice(0, 20);
}
