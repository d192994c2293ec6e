import path from 'node:path';
import { z } from 'zod';
import { type MagicContext, mime } from '../context.ts';
import { details, type Html, html } from '../html.ts';
import type { Dataset } from './dataset.ts';
import { count, datasetBundle } from './display.ts';
import { excerpt, type Malformed } from './formats/malformed.ts';
import { asOption, listOption } from './options.ts';
import { type FileTable, fileFormats, readDataFile } from './read-file.ts';
import { recordDataset } from './record.ts';
import { recordedHeadline } from './recorded-headline.ts';

export const loadOptions = z.strictObject({
  file: z.string().describe('CSV, TSV, JSON Lines, JSON or Parquet file, also gzipped'),
  as: asOption,
  format: z.enum(fileFormats).optional().describe('format of the file; found by itself when absent'),
  skipMalformed: z.boolean().optional().describe('leave out rows that cannot be read, and count them'),
  strings: listOption.optional().describe('CSV columns to keep as text though they look like numbers'),
});
type LoadOptions = z.output<typeof loadOptions>;

/** Loads a file, records it and shows its first rows. Loading the same data again makes no second commit. */
export async function load(options: LoadOptions, context: MagicContext): Promise<Dataset> {
  const { file, as = nameOf(file), ...readOptions } = options;
  const read = await readDataFile(file, context.folder, readOptions);
  const recorded = await recordDataset(
    {
      name: as,
      table: read.table,
      inputs: [{ role: 'source', kind: 'file', name: path.resolve(context.folder, file), digest: read.fileDigest }],
      recipe: [{ verb: 'load', options: recipeOptions(options, read) }],
    },
    context,
  );
  const bundle = datasetBundle(recorded.dataset, recordedHeadline(recorded, `from ${file}`));
  const skipped = read.skipped.length === 0 ? undefined : skippedRows(read.skipped);
  context.display(
    skipped === undefined
      ? bundle
      : {
          [mime.html]: `${String(bundle[mime.html])}${skipped.markup.markup}`,
          [mime.text]: `${String(bundle[mime.text])}\n${skipped.text}`,
        },
  );
  return recorded.dataset;
}

/** `data/My tickets.v2.jsonl.gz` -> `My-tickets.v2` */
function nameOf(file: string): string {
  const base = path
    .basename(file)
    .replace(/\.gz$/i, '')
    .replace(/\.[^.]+$/, '');
  return base.replaceAll(/[^\w.-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'data';
}

function recipeOptions({ skipMalformed, strings }: LoadOptions, { format, skipped }: FileTable) {
  return {
    format,
    ...(skipMalformed === true ? { skipMalformed, skipped: skipped.length } : {}),
    ...(strings === undefined ? {} : { strings }),
  };
}

function skippedRows(skipped: readonly Malformed[]): { markup: Html; text: string } {
  const title = `${count(skipped.length, 'malformed row')} skipped`;
  const lines = skipped.slice(0, 50).map((m) => `line ${m.line}: ${m.reason}: ${excerpt(m.text)}`);
  const list = html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
  return { markup: details(title, list), text: [title, ...lines.slice(0, 5)].join('\n') };
}
