import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { ColumnTable } from 'arquero';
import { z } from 'zod';
import { digestFile } from '../../governance/objects.ts';
import type { Input } from '../../governance/record-parts.ts';
import type { DatasetRecord } from '../../governance/records.ts';
import type { LargeRows } from '../large/large-rows.ts';
import type { RecipeStep } from '../prepare/step.ts';
import { fileFormats } from '../read-file.ts';
import type { DataFile } from '../sources/data-file.ts';
import { download, isUrl } from '../sources/download.ts';
import { openFiles } from '../sources/open-source.ts';
import { fileChanged, fileOutside, stepUnknown } from './errors.ts';

/** Where files are looked for. */
export interface LoadPlace {
  /** Top folder of the repository: files are named from here. */
  readonly repository: string;
  /** The notebook's folder: rows of a folder of texts name their files from here. */
  readonly folder: string;
  readonly signal?: AbortSignal;
}

const loadRecipe = z.object({
  format: z.enum([...fileFormats, 'text']).optional(),
  skipMalformed: z.boolean().optional(),
  strings: z.array(z.string()).optional(),
});

/** Reads the files of a record again, in their order: one, those of a glob or of a folder of texts, or what addresses give now. */
export async function loadAgain(
  record: DatasetRecord,
  step: RecipeStep,
  place: LoadPlace,
): Promise<ColumnTable | LargeRows> {
  const inputs = record.inputs.filter(isFile);
  if (inputs.length === 0) throw stepUnknown(record.name, 'load of no file');
  const files: DataFile[] = [];
  for (const input of inputs) files.push(await fileOf(input, place));
  const { format, ...options } = loadRecipe.parse(step.options);
  // Steps deal rows on disk otherwise than rows in memory: they lie where they lay.
  const large = record.object.path.endsWith('.parquet');
  const how = format === 'text' ? { isTexts: true } : { isTexts: false, format };
  return (await openFiles(files, place, { ...options, ...how, large })).rows;
}

/** True for an input that is a file or an address. */
export function isFile(input: Input): boolean {
  return input.kind === 'file';
}

/** The file still has the bytes that the record names. */
export async function checkFile({ name, digest }: Input, repository: string): Promise<void> {
  const file = path.resolve(repository, name);
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) throw fileOutside(name, digest);
  await checkDigest(name, digest, file);
}

async function fileOf(input: Input, { repository, folder, signal }: LoadPlace): Promise<DataFile> {
  if (!isUrl(input.name)) {
    await checkFile(input, repository);
    const absolute = path.resolve(repository, input.name);
    const name = path.relative(folder, absolute).split(path.sep).join('/');
    return { path: absolute, name, size: (await stat(absolute)).size };
  }
  const [file] = await download(input.name, { folder, signal });
  await checkDigest(input.name, input.digest, file!.path);
  return file!;
}

async function checkDigest(name: string, digest: string | undefined, file: string): Promise<void> {
  const now = await digestFile(file);
  if (digest !== undefined && now !== digest) throw fileChanged(name, digest, now);
}
