import { z } from 'zod';
import { chartBundle } from '../../charts/index.ts';
import { displaySymbol, type MagicContext } from '../../context.ts';
import { UserError } from '../../errors.ts';
import type { Dataset } from '../dataset.ts';
import type { Finding } from '../finding.ts';
import { asOption, checkColumn, datasetOption } from '../options.ts';
import { resolveVersion } from '../resolve-version.ts';
import { type ColumnChange, columnChanges, type SchemaChange, schemaChanges } from './column-changes.ts';
import { compareFindings } from './compare-findings.ts';
import { comparisonBundle, comparisonCharts } from './display.ts';
import { type RowChanges, rowChanges } from './row-changes.ts';

export const compareOptions = z.strictObject({
  before: datasetOption.describe('data set, file, or an earlier version: tickets@4f2a9c1 (commit, tag or branch)'),
  after: datasetOption.describe('data set or file to hold against it'),
  key: z
    .string()
    .optional()
    .describe('column that says which row is which; rows are told by what they hold when absent'),
  as: asOption,
});

/** What `%dataset compare` gives. */
export interface Comparison {
  readonly before: Compared;
  readonly after: Compared;
  /** True when the two hold the same rows. */
  readonly isSame: boolean;
  readonly schema: readonly SchemaChange[];
  readonly rows: RowChanges;
  /** Drift of the columns that both have. */
  readonly columns: readonly ColumnChange[];
  /** Heaviest first. */
  readonly findings: readonly Finding[];
}

/** One of the data sets that were compared. */
export interface Compared {
  readonly name: string;
  readonly digest: string;
  readonly rows: number;
}

/** Compares two data sets or versions: columns, rows, distributions; shows what differs, and charts of what drifted. */
export async function compare(options: z.output<typeof compareOptions>, context: MagicContext): Promise<Comparison> {
  const before = await resolveVersion(options.before, context.folder);
  const after = await resolveVersion(options.after, context.folder);
  const names = new Set(after.columns.map((column) => column.name));
  const shared = before.columns.map((column) => column.name).filter((name) => names.has(name));
  if (shared.length === 0) throw nothingShared(before, after);
  if (options.key !== undefined) checkColumn(before, options.key);
  const differences = {
    before: { name: before.name, digest: before.digest, rows: before.rowCount },
    after: { name: after.name, digest: after.digest, rows: after.rowCount },
    schema: schemaChanges(before, after),
    rows: rowChanges(before, after, shared, options.key),
    columns: columnChanges(before, after, shared),
  };
  const isSame = before.digest === after.digest;
  const result: Comparison = { ...differences, isSame, findings: compareFindings(differences) };
  const bundle = await comparisonBundle(result, before, after);
  context.display(bundle);
  for (const chart of comparisonCharts(result)) context.display(await chartBundle(chart));
  return Object.defineProperty(result, displaySymbol, { value: () => bundle });
}

function nothingShared(before: Dataset, after: Dataset): UserError {
  const list = (of: Dataset) => of.columns.map((column) => column.name).join(', ');
  return new UserError(
    `${before.name} (${list(before)}) and ${after.name} (${list(after)}) have no column in common: there is nothing to compare.`,
  );
}
