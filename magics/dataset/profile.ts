import type { ColumnTable } from 'arquero';
import { z } from 'zod';
import { displaySymbol, type MagicContext } from '../context.ts';
import { createDataset, type Dataset } from './dataset.ts';
import type { Correlation } from './evidence/correlations.ts';
import { gatherEvidence } from './evidence/gather-evidence.ts';
import type { Languages } from './evidence/languages.ts';
import type { Leak } from './evidence/leaks.ts';
import type { RepeatedTexts } from './evidence/repeated-texts.ts';
import type { TrainingFormat } from './evidence/training-format.ts';
import type { Finding } from './finding.ts';
import { type Evidence, findings } from './findings.ts';
import { importProgress } from './large/import-progress.ts';
import { countWhole } from './large/profile-columns.ts';
import { asOption, checkColumn, datasetListOption, datasetOption } from './options.ts';
import { createProfileCharts } from './profile-charts.ts';
import { type ColumnProfile, profileColumn } from './profile-column.ts';
import { profileBundle } from './profile-display.ts';
import { resolveDataset } from './resolve.ts';
import { rowsOfFinding } from './rows-of-finding.ts';
import { readHead } from './sources/read-head.ts';
import { columnValues } from './text.ts';

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
  /** Rows that were looked at one by one, where that is not all of them. */
  readonly sampledRows?: number;
  readonly columns: readonly ColumnProfile[];
  /** Rows equal to an earlier row in all columns. */
  readonly duplicates: number;
  /** Texts that repeat an earlier one though the rows differ, exactly or nearly; absent where there are no texts. */
  readonly repeatedTexts?: RepeatedTexts;
  readonly leaks: readonly Leak[];
  /** Format of training data that the rows are in, where it is one of those that are known. */
  readonly format?: TrainingFormat;
  /** Of the texts. */
  readonly languages?: Languages;
  /** Pairs of columns of numbers, the strongest first. */
  readonly correlations: readonly Correlation[];
  /** Heaviest first. */
  readonly findings: readonly Finding[];
  /** The rows behind a finding, by its number in the list (from 1), with their numbers in the column "rowNumber". */
  rowsOf(finding: number): ColumnTable;
}

/** Looks a data set over: columns, lengths, balance, duplicates, leaks; shows findings, a table and charts. */
export async function profile(options: ProfileOptions, context: MagicContext): Promise<Profile> {
  const { data, tokenizer, against = [] } = options;
  const { folder, signal, display } = context;
  const charts = createProfileCharts(context);
  const lookOver = columnReader(tokenizer === undefined ? undefined : await tokenCounter(tokenizer, folder));
  const head = typeof data === 'string' ? await readHead(data, folder) : undefined;
  if (head !== undefined) await charts.show(lookOver(head), head);
  const progress = importProgress(typeof data === 'string' ? data : data.name, context);
  const source = await resolveDataset(data, folder, { signal, display, onProgress: progress.show });
  const others = await Promise.all(against.map((other) => resolveDataset(other, folder)));
  const dataset = source.large === undefined ? source : await sampleOf(source);
  const looked = lookOver(dataset);
  if (source.large !== undefined) await charts.show(looked, dataset);
  const whole = source.large === undefined ? undefined : await countWhole(source.large, looked, context);
  const columns = whole?.columns ?? looked;
  const chosen = chooseColumns(options, columns, dataset);
  const result = createProfile(
    source,
    await gatherEvidence({ source, dataset, columns, whole, others, ...chosen }, context),
  );
  progress.finish(profileBundle(result, dataset));
  await charts.show(columns, dataset);
  return result;
}

function createProfile({ name, digest, rowCount }: Dataset, evidence: Evidence): Profile {
  const { dataset, columns, duplicates, repeatedTexts, leaks, format, languages, correlations } = evidence;
  const result: Profile = {
    name,
    digest,
    rows: rowCount,
    sampledRows: dataset.rowCount < rowCount ? dataset.rowCount : undefined,
    columns,
    duplicates: duplicates.length,
    repeatedTexts,
    leaks,
    format,
    languages,
    correlations,
    findings: findings(evidence),
    rowsOf: (finding) => rowsOfFinding(result, finding, dataset),
  };
  return Object.defineProperty(result, displaySymbol, { value: () => profileBundle(result, dataset) });
}

/** Profiles the columns of a data set, with lengths in tokens where they can be counted. */
function columnReader(countTokens: ((text: string) => number) | undefined) {
  return (rows: Dataset) => rows.columns.map((c) => profileColumn(c, columnValues(rows, c.name), countTokens));
}

/** The columns that were asked for, else the first of free text, and the first of categories. */
function chooseColumns({ text, label }: ProfileOptions, columns: readonly ColumnProfile[], dataset: Dataset) {
  const firstOf = (kind: ColumnProfile['kind']) => columns.find((column) => column.kind === kind)?.name;
  return {
    text: text === undefined ? firstOf('text') : checkColumn(dataset, text),
    label: label === undefined ? firstOf('category') : checkColumn(dataset, label),
  };
}

/** Rows of a data set on disk that are looked at one by one. */
const sampledRows = 20_000;

async function sampleOf(source: Dataset): Promise<Dataset> {
  const table = await source.sample(Math.min(sampledRows, source.rowCount));
  return createDataset(source.name, table, { columns: source.columns, digest: source.digest });
}

async function tokenCounter(tokenizer: string, folder: string): Promise<(text: string) => number> {
  const [{ loadTokenizer }, path] = await Promise.all([import('../engine/tokenizer.ts'), import('node:path')]);
  const loaded = await loadTokenizer(path.resolve(folder, tokenizer));
  return (text) => loaded.encode(text, { addSpecialTokens: false }).length;
}
