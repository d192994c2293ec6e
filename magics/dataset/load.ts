import path from 'node:path';
import { z } from 'zod';
import { type MagicContext, type MimeBundle, mime } from '../context.ts';
import { digestFile } from '../governance/objects.ts';
import type { Input } from '../governance/record-parts.ts';
import { details, html } from '../html.ts';
import type { Dataset } from './dataset.ts';
import { count, datasetBundle } from './display.ts';
import { excerpt, type Malformed } from './formats/malformed.ts';
import { importProgress } from './large/import-progress.ts';
import { asOption, listOption } from './options.ts';
import { fileFormats } from './read-file.ts';
import { recordDataset } from './record.ts';
import { recordedHeadline } from './recorded-headline.ts';
import type { DataFile } from './sources/data-file.ts';
import { isUrl } from './sources/download.ts';
import { type OpenedSource, openSource } from './sources/open-source.ts';

export const loadOptions = z.strictObject({
  file: z
    .string()
    .describe(
      'CSV, TSV, JSON Lines, JSON, Parquet or Arrow file, also compressed (.gz, .zst); a glob; a folder of texts; an https://, hf://datasets/, s3:// or az:// address',
    ),
  as: asOption,
  format: z.enum(fileFormats).optional().describe('format of the file; found by itself when absent'),
  skipMalformed: z.boolean().optional().describe('leave out rows that cannot be read, and count them'),
  license: z.string().optional().describe('SPDX identifier of the data, for the record: cc-by-4.0'),
  large: z
    .boolean()
    .optional()
    .describe('keep the rows on disk and query them through DuckDB; by itself above 1,000,000 rows or 200 MB'),
  strings: listOption.optional().describe('CSV columns to keep as text though they look like numbers'),
});
type LoadOptions = z.output<typeof loadOptions>;

/** Loads a file, records it and shows its first rows. Loading the same data again makes no second commit. */
export async function load(options: LoadOptions, context: MagicContext): Promise<Dataset> {
  const { file, as = nameOf(file), license, ...readOptions } = options;
  const progress = importProgress(file, context);
  const opened = await openSource(file, context, { ...readOptions, onProgress: progress.show });
  const recorded = await recordDataset(
    {
      name: as,
      table: opened.rows,
      inputs: await inputsOf(opened.files),
      recipe: [{ verb: 'load', options: recipeOptions(options, opened) }],
      license,
    },
    context,
  );
  progress.finish(datasetBundle(recorded.dataset, recordedHeadline(recorded, `from ${file}`)));
  if (opened.skipped.length > 0) context.display(skippedRows(opened.skipped));
  return recorded.dataset;
}

/** The files by the digests of their bytes. */
function inputsOf(files: readonly DataFile[]): Promise<Input[]> {
  return Promise.all(
    files.map(async ({ path: file, name }): Promise<Input> => {
      const digest = await digestFile(file);
      return { role: 'source', kind: 'file', name: isUrl(name) ? withoutQuery(name) : file, digest };
    }),
  );
}

/** Signatures and keys in an address are no business of the record. */
function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/, '').replace(/\/\/[^/@]*@(?=[^/]*\/)/, '//');
}

/** `data/My tickets.v2.jsonl.gz` -> `My-tickets.v2` */
function nameOf(file: string): string {
  const base = path
    .basename(file)
    .replace(/[?#].*$/, '')
    .replace(/\.(?:gz|zst)$/i, '')
    .replace(/\.[^.]+$/, '');
  return base.replaceAll(/[^\w.-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'data';
}

function recipeOptions({ skipMalformed, strings }: LoadOptions, { format, skipped }: OpenedSource) {
  return {
    format,
    ...(skipMalformed === true ? { skipMalformed, skipped: skipped.length } : {}),
    ...(strings === undefined ? {} : { strings }),
  };
}

function skippedRows(skipped: readonly Malformed[]): MimeBundle {
  const title = `${count(skipped.length, 'malformed row')} skipped`;
  const lines = skipped
    .slice(0, 50)
    .map((m) => `${m.file === undefined ? '' : `${m.file}, `}line ${m.line}: ${m.reason}: ${excerpt(m.text)}`);
  const list = html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
  return {
    [mime.html]: html`<div class="llmops">${details(title, list)}</div>`.markup,
    [mime.text]: [title, ...lines.slice(0, 5)].join('\n'),
  };
}
