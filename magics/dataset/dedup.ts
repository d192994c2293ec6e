import { z } from 'zod';
import type { MagicContext } from '../context.ts';
import { block, details, html, table as htmlTable } from '../html.ts';
import type { Dataset } from './dataset.ts';
import { count, textTable } from './display.ts';
import { type Duplicate, findDuplicates, rowTexts } from './duplicates.ts';
import { findNearDuplicates } from './near-duplicates.ts';
import { asOption, checkColumn, datasetOption, listOption } from './options.ts';
import { datasetInput, recordDataset } from './record.ts';
import { recordedHeadline } from './recorded-headline.ts';
import { resolveDataset } from './resolve.ts';

export const dedupOptions = z.strictObject({
  data: datasetOption.describe('data set or file'),
  on: listOption.optional().describe('columns to compare; all when absent'),
  normalize: z.boolean().optional().describe('ignore case and white space'),
  near: z
    .number()
    .min(0.5)
    .max(1)
    .optional()
    .describe('also remove texts at least this alike (Jaccard of 5-character shingles), for example 0.85'),
  as: asOption,
});
type DedupOptions = z.output<typeof dedupOptions>;

/** Removed rows that the output lists. */
const listedRows = 50;

/** Removes rows that repeat an earlier one, shows what was removed, and records the rest (as `NAME.dedup` unless told otherwise). */
export async function dedup(options: DedupOptions, context: MagicContext): Promise<Dataset> {
  const source = await resolveDataset(options.data, context.folder);
  const columns = (options.on ?? source.columns.map((c) => c.name)).map((column) => checkColumn(source, column));
  const duplicates =
    options.near === undefined
      ? findDuplicates(source, columns, options.normalize)
      : findNearDuplicates(rowTexts(source, columns), options.near);
  const removed = new Set(duplicates.map((d) => d.row));
  const kept = Array.from({ length: source.rowCount }, (_, row) => row).filter((row) => !removed.has(row));
  const { on, normalize, near } = options;
  const recorded = await recordDataset(
    {
      name: options.as ?? `${source.name}.dedup`,
      table: source.table.reify(kept),
      inputs: [datasetInput(source)],
      recipe: [
        { verb: 'dedup', options: { ...(on && { on }), ...(normalize && { normalize }), ...(near && { near }) } },
      ],
    },
    context,
  );
  const share = ((duplicates.length / source.rowCount) * 100).toFixed(1);
  const note = `without ${found(duplicates.length, options)} (${share}%) of ${source.name}`;
  context.display(dedupBundle(recordedHeadline(recorded, note), source, columns, duplicates));
  return recorded.dataset;
}

function found(duplicates: number, { normalize, near }: DedupOptions): string {
  if (near !== undefined) return count(duplicates, 'near-duplicate');
  return normalize === true
    ? `${count(duplicates, 'duplicate')} (case and space aside)`
    : count(duplicates, 'exact duplicate');
}

function dedupBundle(headline: string, source: Dataset, columns: readonly string[], duplicates: readonly Duplicate[]) {
  if (duplicates.length === 0) return block(headline);
  const texts = rowTexts(source, columns);
  const listed = duplicates.slice(0, listedRows);
  const rows = listed.map((d) => [d.row + 1, texts[d.row]!, d.of + 1, texts[d.of]!, Number(d.similarity.toFixed(3))]);
  const names = ['row', 'removed', 'like row', 'kept', 'likeness'];
  const title = listed.length < duplicates.length ? `first ${listed.length} removed rows` : 'removed rows';
  return block(
    headline,
    [
      details(
        title,
        html`${htmlTable(
          names.map((name) => ({ name })),
          rows,
        )}`,
      ),
    ],
    textTable(names, rows.slice(0, 5)),
  );
}
