import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { canonicalJson } from '../canonical.ts';
import { aliases, type Dataset } from '../dataset.ts';
import { count } from '../display.ts';
import { percent } from '../finding.ts';
import { sampleSql } from '../large/large-dataset.ts';
import { selectRows } from '../large/select-rows.ts';
import { asOption, checkColumn, datasetOption } from '../options.ts';
import { createRandom, shuffled } from '../random.ts';
import { columnKeys } from '../row-batches.ts';
import { takeRows } from '../take-rows.ts';
import { rowsByKey } from './rows-by-key.ts';
import { defineStep, type StepInput } from './step.ts';

/** Draws rows at random without replacement; they keep their order. */
export const sample = defineStep({
  verb: 'sample',
  summary: 'Draw rows at random, also in proportion to the values of a column.',
  example: '%dataset sample tickets --rows 1000 --stratify label --seed 7 --as few',
  suffix: 'sample',
  options: z.strictObject({
    data: datasetOption.describe('data set or file'),
    rows: z.int().positive().optional().describe('how many rows; or give --fraction'),
    fraction: z.number().positive().max(1).optional().describe('which share of the rows; or give --rows'),
    stratify: z.string().optional().describe('column whose values keep their proportions'),
    seed: z.int().min(0).default(0).describe('the same seed draws the same rows'),
    as: asOption,
  }),
  async apply(input, { rows, fraction, stratify, seed }) {
    const { source } = input;
    const wanted = wantedRows(source, rows, fraction);
    const isPlainOnDisk = source.large !== undefined && stratify === undefined;
    const table = isPlainOnDisk
      ? await selectRows(sampleSql(source.large, wanted, seed), aliases(source), input)
      : await takeRows(source, await draw(input, wanted, stratify, seed), input);
    const how = stratify === undefined ? '' : `, in proportion to "${stratify}"`;
    return {
      table,
      note: `drawn with seed ${seed}${how}; ${percent(wanted, source.rowCount)} kept`,
      shown: [],
    };
  },
});

/** Numbers of rows drawn at random, of each value of a column in proportion, in order. */
async function draw(input: StepInput, wanted: number, stratify: string | undefined, seed: number): Promise<number[]> {
  const { source } = input;
  const groups =
    stratify === undefined
      ? [Array.from({ length: source.rowCount }, (_, row) => row)]
      : [...rowsByKey(await columnKeys(source, checkColumn(source, stratify), canonicalJson, input)).values()];
  const random = createRandom(seed);
  const quotas = proportional(
    groups.map((group) => group.length),
    wanted,
  );
  return groups.flatMap((group, i) => shuffled(group, random).slice(0, quotas[i])).sort((a, b) => a - b);
}

/** Whole numbers in proportion to the sizes that add up to `total`: largest remainders. */
function proportional(sizes: readonly number[], total: number): number[] {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const exact = sizes.map((size) => (size * total) / all);
  const quotas = exact.map(Math.floor);
  const left = total - quotas.reduce((sum, quota) => sum + quota, 0);
  const byRemainder = exact
    .map((value, i) => [value - quotas[i]!, i] as const)
    .sort(([a, i], [b, j]) => b - a || i - j);
  for (const [, i] of byRemainder.slice(0, left)) quotas[i]!++;
  return quotas;
}

function wantedRows(source: Dataset, rows: number | undefined, fraction: number | undefined): number {
  if ((rows === undefined) === (fraction === undefined)) throw rowsOrFraction();
  const wanted = rows ?? Math.max(1, Math.round(fraction! * source.rowCount));
  if (wanted > source.rowCount) throw tooManyRows(source, wanted);
  return wanted;
}

function rowsOrFraction(): UserError {
  return new UserError('Say how much to draw: either --rows 1000 or --fraction 0.1.');
}

function tooManyRows(source: Dataset, wanted: number): UserError {
  return new UserError(
    `${source.name} has ${count(source.rowCount, 'row')}, fewer than --rows ${wanted}. Draw at most as many, or repeat rows with: %dataset balance ${source.name} --by COLUMN --how up`,
    { offending: String(wanted) },
  );
}
