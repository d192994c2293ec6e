import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { MagicContext } from '../../context.ts';
import { UserError } from '../../errors.ts';
import { fileNotFound } from '../file-not-found.ts';
import type { DataFile } from './data-file.ts';
import { download, isUrl } from './download.ts';
import { findMatches, isGlob } from './glob.ts';
import { textFiles } from './text-files.ts';

/** Where a source is looked for, where a download is shown, and what stops it. */
export type SourcePlace = Pick<MagicContext, 'folder'> & Partial<Pick<MagicContext, 'display' | 'signal'>>;

/** The files that a source stands for, and whether each is one row (a folder of texts). */
export interface FoundFiles {
  readonly files: readonly DataFile[];
  readonly isTexts: boolean;
}

/** Files of a source: a path, a glob, a folder of texts, or a URL, whose file is downloaded into the cache first. */
export async function findFiles(source: string, place: SourcePlace): Promise<FoundFiles> {
  if (isUrl(source)) return { files: await download(source, place), isTexts: false };
  if (isGlob(source) && (await sizeOf(path.resolve(place.folder, source))) === undefined) {
    const names = await findMatches(source, place.folder);
    if (names.length === 0) throw nothingMatches(source);
    return { files: await Promise.all(names.map((name) => dataFile(name, place.folder))), isTexts: false };
  }
  const texts = await textFiles(source, place.folder);
  if (texts.length > 0) {
    return { files: await Promise.all(texts.map((name) => dataFile(name, place.folder))), isTexts: true };
  }
  return { files: [await dataFile(source, place.folder)], isTexts: false };
}

async function dataFile(name: string, folder: string): Promise<DataFile> {
  const absolute = path.resolve(folder, name);
  const stats = await stat(absolute).catch(async (error: NodeJS.ErrnoException) => {
    throw await fileNotFound(name, absolute, error);
  });
  if (stats.isDirectory()) {
    const error: NodeJS.ErrnoException = Object.assign(new Error(`${name} is a folder`), { code: 'EISDIR' });
    throw await fileNotFound(name, absolute, error);
  }
  return { path: absolute, name, size: stats.size };
}

async function sizeOf(file: string): Promise<number | undefined> {
  return (await stat(file).catch(() => undefined))?.size;
}

function nothingMatches(pattern: string): UserError {
  return new UserError(`No file matches ${pattern}. "*" stands for a part of a name, "**" for any folders.`, {
    offending: pattern,
  });
}
