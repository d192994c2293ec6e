import { z } from 'zod';
import type { MagicContext } from '../context.ts';
import { block, details, table as htmlTable } from '../html.ts';
import type { Dataset } from './dataset.ts';
import { count, textTable } from './display.ts';
import { findDuplicates, rowTexts } from './duplicates.ts';
import { findNearDuplicates } from './near-duplicates.ts';
import { asOption, checkColumn, datasetListOption, datasetOption, listOption } from './options.ts';
import { profileColumn } from './profile-column.ts';
import { datasetInput, recordDataset } from './record.ts';
import { recordedHeadline } from './recorded-headline.ts';
import { resolveDataset } from './resolve.ts';
import { columnValues, comparableText } from './text.ts';

export const dedupOptions = z.strictObject({
  data: datasetOption.describe('data set or file'),
  on: listOption.optional().describe('columns to compare; all when absent, the texts with --near and --against'),
  normalize: z.boolean().optional().describe('ignore case and white space'),
  near: z
    .number()
    .min(0.5)
    .max(1)
    .optional()
    .describe('also remove texts at least this alike (Jaccard of 5-character shingles), for example 0.85'),
  against: datasetListOption
    .optional()
    .describe(
      'other data sets, for example the test set: rows that stand there too (case, space, punctuation aside) are removed',
    ),
  as: asOption,
});
type DedupOptions = z.output<typeof dedupOptions>;

/** A row to remove, and the row that it repeats. Rows count from 0. */
interface Removal {
  readonly row: number;
  readonly like: { readonly row: number; readonly text: string; readonly dataset: string };
  readonly similarity: number;
}

/** Removed rows that the output lists. */
const listedRows = 50;

/** Removes rows that repeat an earlier one, shows what was removed, and records the rest (as `NAME.dedup` unless told otherwise). */
export async function dedup(options: DedupOptions, context: MagicContext): Promise<Dataset> {
  const source = await resolveDataset(options.data, context.folder);
  const others = await Promise.all((options.against ?? []).map((other) => resolveDataset(other, context.folder)));
  const columns = (options.on ?? comparedColumns(source, options)).map((column) => checkColumn(source, column));
  const texts = rowTexts(source, columns);
  const removals = findRemovals(source, columns, texts, others, options);
  const removed = new Set(removals.map((removal) => removal.row));
  const kept = [...texts.keys()].filter((row) => !removed.has(row));
  const { on, normalize, near } = options;
  const recorded = await recordDataset(
    {
      name: options.as ?? `${source.name}.dedup`,
      table: source.table.reify(kept),
      inputs: [datasetInput(source), ...others.map((other) => datasetInput(other, 'reference'))],
      recipe: [
        { verb: 'dedup', options: { ...(on && { on }), ...(normalize && { normalize }), ...(near && { near }) } },
      ],
    },
    context,
  );
  context.display(dedupBundle(recordedHeadline(recorded, note(source, removals, others, options)), texts, removals));
  return recorded.dataset;
}

/** All columns; only the free texts where likeness counts, since equal labels make rows alike. */
function comparedColumns(source: Dataset, { near, against }: DedupOptions): string[] {
  const names = source.columns.map((column) => column.name);
  if (near === undefined && against === undefined) return names;
  const texts = source.columns.filter(
    (column) => profileColumn(column, columnValues(source, column.name)).kind === 'text',
  );
  return texts.length > 0 ? texts.map((column) => column.name) : names;
}

function findRemovals(
  source: Dataset,
  columns: readonly string[],
  texts: readonly string[],
  others: readonly Dataset[],
  { normalize, near }: DedupOptions,
): Removal[] {
  const elsewhere = rowsElsewhere(columns, texts, others);
  const taken = new Set(elsewhere.map((removal) => removal.row));
  const within = near === undefined ? findDuplicates(source, columns, normalize) : findNearDuplicates(texts, near);
  const own = within
    .filter((duplicate) => !taken.has(duplicate.row))
    .map(({ row, of, similarity }) => ({ row, like: { row: of, text: texts[of]!, dataset: source.name }, similarity }));
  return [...elsewhere, ...own];
}

/** Rows whose text stands in one of the other data sets. */
function rowsElsewhere(columns: readonly string[], texts: readonly string[], others: readonly Dataset[]): Removal[] {
  const known = new Map<string, Removal['like']>();
  for (const other of others) {
    const shared = columns.map((column) => checkColumn(other, column));
    rowTexts(other, shared).forEach((text, row) => {
      known.set(comparableText(text), { row, text, dataset: other.name });
    });
  }
  return texts.flatMap((text, row) => {
    const key = comparableText(text);
    const like = key === '' ? undefined : known.get(key);
    return like === undefined ? [] : [{ row, like, similarity: 1 }];
  });
}

function note(
  source: Dataset,
  removals: readonly Removal[],
  others: readonly Dataset[],
  options: DedupOptions,
): string {
  const share = ((removals.length / source.rowCount) * 100).toFixed(1);
  const kind =
    options.near === undefined ? (options.normalize === true ? 'duplicate' : 'exact duplicate') : 'near-duplicate';
  const own = removals.filter((removal) => removal.like.dataset === source.name).length;
  const parts = [
    count(own, kind),
    ...others.map((o) => `${removals.filter((r) => r.like.dataset === o.name).length} also in ${o.name}`),
  ];
  return `of ${source.name} without ${parts.join(' and ')} (${share}%)`;
}

function dedupBundle(headline: string, texts: readonly string[], removals: readonly Removal[]) {
  if (removals.length === 0) return block(headline);
  const rows = removals
    .slice(0, listedRows)
    .map(({ row, like, similarity }) => [
      row + 1,
      texts[row]!,
      `row ${like.row + 1} of ${like.dataset}`,
      like.text,
      Number(similarity.toFixed(3)),
    ]);
  const names = ['row', 'removed', 'like', 'kept', 'likeness'];
  const title = rows.length < removals.length ? `first ${rows.length} removed rows` : 'removed rows';
  const markup = htmlTable(
    names.map((name) => ({ name })),
    rows,
  );
  return block(headline, [details(title, markup)], textTable(names, rows.slice(0, 5)));
}
