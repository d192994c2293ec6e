import { z } from 'zod';
import { chartBundle } from '../charts/index.ts';
import { displaySymbol, type MagicContext } from '../context.ts';
import type { Dataset } from './dataset.ts';
import { findDuplicates } from './duplicates.ts';
import { type Conflict, type Evidence, type Finding, findings } from './findings.ts';
import { findLeaks, type Leak } from './leaks.ts';
import { asOption, checkColumn, datasetListOption, datasetOption } from './options.ts';
import { type ColumnProfile, profileColumn } from './profile-column.ts';
import { profileBundle, profileCharts } from './profile-display.ts';
import { resolveDataset } from './resolve.ts';
import { columnValues, normalizeText, textOf } from './text.ts';

export const profileOptions = z.strictObject({
  data: datasetOption.describe('data set or file'),
  against: datasetListOption
    .optional()
    .describe('other data sets, for example the test set: which of their texts occur in this one?'),
  text: z.string().optional().describe('column of the texts; found by itself when absent'),
  label: z.string().optional().describe('column of the labels; found by itself when absent'),
  tokenizer: z.string().optional().describe('folder of a tokenizer: lengths are counted in tokens too'),
  as: asOption,
});
type ProfileOptions = z.output<typeof profileOptions>;

/** What `%dataset profile` gives. */
export interface Profile {
  readonly name: string;
  readonly digest: string;
  readonly rows: number;
  readonly columns: readonly ColumnProfile[];
  /** Rows equal to an earlier row in all columns. */
  readonly duplicates: number;
  readonly leaks: readonly Leak[];
  /** Heaviest first. */
  readonly findings: readonly Finding[];
}

/** Looks a data set over: columns, lengths, balance, duplicates, leaks; shows findings, a table and charts. */
export async function profile(options: ProfileOptions, context: MagicContext): Promise<Profile> {
  const dataset = await resolveDataset(options.data, context.folder);
  const others = await Promise.all((options.against ?? []).map((other) => resolveDataset(other, context.folder)));
  const countTokens =
    options.tokenizer === undefined ? undefined : await tokenCounter(options.tokenizer, context.folder);
  const columns = dataset.columns.map((c) => profileColumn(c, columnValues(dataset, c.name), countTokens));
  const text = options.text === undefined ? firstOf(columns, 'text') : checkColumn(dataset, options.text);
  const label = options.label === undefined ? firstOf(columns, 'category') : checkColumn(dataset, options.label);
  const names = dataset.columns.map((c) => c.name);
  const evidence: Evidence = {
    name: dataset.name,
    rows: dataset.rowCount,
    columns,
    duplicates: findDuplicates(dataset, names),
    normalizedDuplicates: findDuplicates(dataset, names, true),
    conflicts:
      text === undefined || label === undefined
        ? undefined
        : { text, label, examples: conflicts(dataset, text, label) },
    leaks: text === undefined ? [] : others.map((other) => findLeaks(dataset, other, checkColumn(other, text))),
  };
  const result: Profile = {
    name: dataset.name,
    digest: dataset.digest,
    rows: dataset.rowCount,
    columns,
    duplicates: evidence.duplicates.length,
    leaks: evidence.leaks,
    findings: findings(evidence),
  };
  context.display(profileBundle(result));
  for (const chart of profileCharts(result, dataset)) context.display(await chartBundle(chart));
  return Object.defineProperty(result, displaySymbol, { value: () => profileBundle(result) });
}

async function tokenCounter(tokenizer: string, folder: string): Promise<(text: string) => number> {
  const [{ loadTokenizer }, path] = await Promise.all([import('../engine/tokenizer.ts'), import('node:path')]);
  const loaded = await loadTokenizer(path.resolve(folder, tokenizer));
  return (text) => loaded.encode(text, { addSpecialTokens: false }).length;
}

function firstOf(columns: readonly ColumnProfile[], kind: ColumnProfile['kind']): string | undefined {
  return columns.find((column) => column.kind === kind)?.name;
}

/** Texts (case and white space aside) that stand with more than one label. */
function conflicts(dataset: Dataset, text: string, label: string): Conflict[] {
  const labels = columnValues(dataset, label).map(textOf);
  const byText = new Map<string, { text: string; labels: Set<string> }>();
  columnValues(dataset, text).forEach((value, row) => {
    const key = normalizeText(textOf(value));
    if (key === '') return;
    const entry = byText.get(key) ?? { text: textOf(value), labels: new Set() };
    entry.labels.add(labels[row]!);
    byText.set(key, entry);
  });
  const found = [...byText.values()].filter((entry) => entry.labels.size > 1);
  return found.map((entry) => ({ text: entry.text, labels: [...entry.labels] }));
}
