import { z } from 'zod';
import { displaySymbol, type MagicContext, mime, typeSymbol } from '../context.ts';
import { UserError } from '../errors.ts';
import { assignRows } from './assign.ts';
import { canonicalJson } from './canonical.ts';
import type { Dataset } from './dataset.ts';
import { count } from './display.ts';
import { asOption, checkColumn, datasetOption } from './options.ts';
import { datasetInput, recordDatasets } from './record.ts';
import { resolveDataset } from './resolve.ts';
import { splitBundle } from './split-display.ts';

const share = z.number().min(0).max(1).optional();
export const splitOptions = z.strictObject({
  data: datasetOption.describe('data set or file'),
  train: share.describe('share of the rows to train on; what dev and test leave when absent'),
  dev: share.describe('share to tune on'),
  test: share.describe('share to test on'),
  by: z.string().optional().describe('column whose equal values stay in one part'),
  stratify: z.string().optional().describe('column whose values are spread over the parts in proportion'),
  seed: z.int().min(0).default(0).describe('the same seed gives the same parts'),
  as: asOption,
});
type SplitOptions = z.output<typeof splitOptions>;

const partNames = ['train', 'dev', 'test'] as const;
/** The parts that have a share: each a data set with a record of its own (`name.train`). */
export type Split = Partial<Record<(typeof partNames)[number], Dataset>>;

/** Deals the rows to train, dev and test, reproducibly, and records each part. */
export async function split(options: SplitOptions, context: MagicContext): Promise<Split> {
  const source = await resolveDataset(options.data, context.folder);
  const shares = sharesOf(options);
  const parts = assignRows(source.rowCount, {
    shares: shares.map((s) => s.share),
    seed: options.seed,
    groups: options.by === undefined ? undefined : groupsOf(source, options.by),
    strata: options.stratify === undefined ? undefined : keysOf(source, options.stratify),
  });
  const { by, stratify, seed } = options;
  const recipe = {
    shares: Object.fromEntries(shares.map((s) => [s.name, s.share])),
    seed,
    ...(by && { by }),
    ...(stratify && { stratify }),
  };
  const recorded = await recordDatasets(
    shares.map(({ name }, part) => ({
      name: `${options.as ?? source.name}.${name}`,
      table: tableOf(source, rowsOf(parts, part, name, source)),
      inputs: [datasetInput(source)],
      recipe: [{ verb: 'split', options: { part: name, ...recipe } }],
    })),
    context,
  );
  const result = createSplit(shares.map((s, i) => [s.name, recorded[i]!.dataset]));
  context.display(splitBundle(source, recorded, options));
  return result;
}

function sharesOf({ train, dev, test }: SplitOptions): { name: (typeof partNames)[number]; share: number }[] {
  const none = train === undefined && dev === undefined && test === undefined;
  const given = none
    ? { train: 0.8, dev: 0.1, test: 0.1 }
    : { train: train ?? Math.max(0, 1 - (dev ?? 0) - (test ?? 0)), dev, test };
  const shares = partNames.map((name) => ({ name, share: given[name] ?? 0 })).filter((s) => s.share > 0);
  const sum = shares.reduce((total, s) => total + s.share, 0);
  if (Math.abs(sum - 1) > 1e-6) throw sharesDoNotAddUp(shares, sum);
  return shares;
}

function keysOf(dataset: Dataset, column: string): string[] {
  const values = dataset.table.array(checkColumn(dataset, column)) as ArrayLike<unknown>;
  return Array.from(values, canonicalJson);
}

/** Rows whose value is missing belong to no group: each is one of its own. */
function groupsOf(dataset: Dataset, column: string): string[] {
  return keysOf(dataset, column).map((key, row) => (key === 'null' ? `row ${row}` : key));
}

function rowsOf(parts: Int32Array, part: number, name: string, source: Dataset): number[] {
  const rows = [...parts.keys()].filter((row) => parts[row] === part);
  if (rows.length === 0) throw emptyPart(name, source);
  return rows;
}

function tableOf(source: Dataset, rows: readonly number[]) {
  return source.table.reify([...rows]);
}

function createSplit(parts: readonly (readonly [string, Dataset])[]): Split {
  const type = `{ ${parts.map(([name, dataset]) => `${name}: ${String(Reflect.get(dataset, typeSymbol))}`).join('; ')} }`;
  const lines = parts.map(([name, dataset]) => `${name}: ${count(dataset.rowCount, 'row')}`);
  return Object.defineProperties(Object.fromEntries(parts) as Split, {
    [typeSymbol]: { value: type },
    [displaySymbol]: { value: () => ({ [mime.text]: lines.join('\n') }) },
  });
}

function sharesDoNotAddUp(shares: readonly { name: string; share: number }[], sum: number): UserError {
  const list = shares.map((s) => `${s.name} ${s.share}`).join(' + ');
  return new UserError(
    `The shares add up to ${Number(sum.toFixed(6))}, not 1: ${list}. Leave --train out to give it the rest.`,
  );
}

function emptyPart(name: string, source: Dataset): UserError {
  return new UserError(
    `Part "${name}" of ${source.name} would be empty: ${count(source.rowCount, 'row')} (or their groups) are too few for these shares. Give it a larger share, or leave it out.`,
  );
}
