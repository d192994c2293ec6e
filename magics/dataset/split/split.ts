import { z } from 'zod';
import { displaySymbol, type MagicContext, mime, typeSymbol } from '../../context.ts';
import { UserError } from '../../errors.ts';
import type { Dataset } from '../dataset.ts';
import { count } from '../display.ts';
import { rowCountOf } from '../large/large-rows.ts';
import { handOver } from '../large/scratch-rows.ts';
import { asOption, datasetOption } from '../options.ts';
import { datasetInput, recordDatasets } from '../record.ts';
import { resolveDataset } from '../resolve.ts';
import { rowProgress } from '../shown-progress.ts';
import { type DealtParts, dealParts } from './deal-parts.ts';
import { splitBundle } from './display.ts';
import { dealOf, type SplitRecipe } from './recipe.ts';

const share = z.number().min(0).max(1).optional();
export const splitOptions = z.strictObject({
  data: datasetOption.describe('data set or file'),
  train: share.describe('share of the rows to train on; what dev and test leave when absent'),
  dev: share.describe('share to tune on'),
  test: share.describe('share to test on'),
  by: z.string().optional().describe('column whose equal values stay in one part'),
  stratify: z.string().optional().describe('column whose values are spread over the parts in proportion'),
  time: z.string().optional().describe('column of times: the earliest rows to train, the newest to test'),
  near: z
    .number()
    .min(0.5)
    .max(1)
    .optional()
    .describe('texts at least this alike stay in one part (Jaccard of 5-character shingles), for example 0.85'),
  duplicates: z
    .enum(['together', 'anywhere'])
    .default('together')
    .describe('together: rows with the same text (case, space, punctuation aside) go to one part'),
  seed: z.int().min(0).default(0).describe('the same seed gives the same parts'),
  as: asOption,
});
type SplitOptions = z.output<typeof splitOptions>;

const partNames = ['train', 'dev', 'test'] as const;
/** The parts that have a share: each a data set with a record of its own (`name.train`). */
export type Split = Partial<Record<(typeof partNames)[number], Dataset>>;

/** Deals the rows to train, dev and test, reproducibly and without leaks, says what was moved, and records each part. */
export async function split(options: SplitOptions, context: MagicContext): Promise<Split> {
  const source = await resolveDataset(options.data, context.folder);
  const recipe = recipeOf(options);
  const names = Object.keys(recipe.shares);
  const { folder, signal } = context;
  const { finish, ...progress } = rowProgress('split', context);
  const { tables, moves } = await dealParts(source, recipe, names, { folder, signal, ...progress });
  const recorded = await handOver(tables, async () => {
    checkFilled(tables, names, source);
    return recordDatasets(
      names.map((part, i) => ({
        name: `${options.as ?? source.name}.${part}`,
        table: tables[i]!,
        inputs: [datasetInput(source)],
        recipe: [{ verb: 'split', options: { part, ...recipe } }],
      })),
      context,
    );
  });
  const result = createSplit(names.map((name, i) => [name, recorded[i]!.dataset]));
  finish(await splitBundle(source, recorded, dealOf(recipe), moves, names));
  return result;
}

function checkFilled(tables: DealtParts['tables'], names: readonly string[], source: Dataset): void {
  const empty = tables.findIndex((table) => rowCountOf(table) === 0);
  if (empty >= 0) throw emptyPart(names[empty]!, source);
}

function recipeOf({ by, stratify, time, near, duplicates, seed, ...shares }: SplitOptions): Omit<SplitRecipe, 'part'> {
  const together = near ?? (duplicates === 'together' ? 'exact' : undefined);
  return {
    shares: sharesOf(shares),
    seed,
    ...(by !== undefined && { by }),
    ...(stratify !== undefined && { stratify }),
    ...(time !== undefined && { time }),
    ...(together !== undefined && { together }),
  };
}

function sharesOf({ train, dev, test }: Pick<SplitOptions, 'train' | 'dev' | 'test'>): Record<string, number> {
  const none = train === undefined && dev === undefined && test === undefined;
  const given = none
    ? { train: 0.8, dev: 0.1, test: 0.1 }
    : { train: train ?? Math.max(0, 1 - (dev ?? 0) - (test ?? 0)), dev, test };
  const shares = partNames.map((name) => ({ name, share: given[name] ?? 0 })).filter((s) => s.share > 0);
  const sum = shares.reduce((total, s) => total + s.share, 0);
  if (Math.abs(sum - 1) > 1e-6) throw sharesDoNotAddUp(shares, sum);
  return Object.fromEntries(shares.map((s) => [s.name, s.share]));
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
