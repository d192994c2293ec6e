import { z } from 'zod';
import { UserError } from '../../errors.ts';
import type { Dataset } from '../dataset.ts';
import { count } from '../display.ts';
import { asOption, checkColumn, datasetOption } from '../options.ts';
import { createRandom, shuffled } from '../random.ts';
import { columnKeys } from '../row-batches.ts';
import { takeRows } from '../take-rows.ts';
import { textOf } from '../text.ts';
import { type RowTable, rowsToShow } from './row-table.ts';
import { rowsByKey, rowsWithout } from './rows-by-key.ts';
import { defineStep } from './step.ts';

/** Makes the values of a column equally frequent, by leaving rows out or by repeating some. */
export const balance = defineStep({
  verb: 'balance',
  summary: 'Make the values of a column equally frequent, by leaving rows out or repeating some.',
  example: '%dataset balance tickets --by label --how down --seed 7 --as even',
  suffix: 'balanced',
  options: z.strictObject({
    data: datasetOption.describe('data set or file'),
    by: z.string().describe('column whose values shall be equally frequent'),
    how: z.enum(['down', 'up']).default('down').describe('down: leave rows out; up: repeat rows drawn at random'),
    to: z
      .int()
      .positive()
      .optional()
      .describe('rows of each value: as many as the rarest has (down) or the commonest (up) when absent'),
    seed: z.int().min(0).default(0).describe('the same seed draws the same rows'),
    as: asOption,
  }),
  async apply(input, { by, how, to, seed }) {
    const { source } = input;
    const groups = rowsByKey(await columnKeys(source, checkColumn(source, by), labelOf, input));
    if (groups.size < 2) throw oneValue(source, by);
    const sizes = [...groups.values()].map((rows) => rows.length);
    const wanted = to ?? (how === 'down' ? Math.min(...sizes) : Math.max(...sizes));
    const random = createRandom(seed);
    const dealt = new Map([...groups].map(([value, rows]) => [value, deal(rows, wanted, how, random)]));
    const drawn = Int32Array.from([...dealt.values()].flat()).sort();
    const left = rowsWithout(source.rowCount, drawn);
    const change =
      how === 'down'
        ? `${count(left.length, 'row')} left out`
        : `${count(drawn.length - source.rowCount, 'row')} repeated: split before you repeat, or copies stand in two parts`;
    return {
      table: await takeRows(source, drawn, input),
      note: `balanced by "${by}" with seed ${seed}; ${change}`,
      shown: [beforeAndAfter(by, groups, dealt), await rowsToShow('left-out row', source, left)],
    };
  },
});

/** `wanted` of the rows: drawn without replacement, or all of them and the rest drawn with replacement. */
function deal(rows: readonly number[], wanted: number, how: 'down' | 'up', random: () => number): number[] {
  if (how === 'down') return shuffled(rows, random).slice(0, wanted);
  const more = Math.max(0, wanted - rows.length);
  return [...rows, ...Array.from({ length: more }, () => rows[Math.floor(random() * rows.length)]!)];
}

function beforeAndAfter(
  by: string,
  before: ReadonlyMap<string, readonly number[]>,
  after: ReadonlyMap<string, readonly number[]>,
): RowTable {
  const rows = [...before].map(([value, list]) => [value, list.length, after.get(value)!.length]);
  rows.sort((a, b) => Number(b[1]) - Number(a[1]));
  return { title: `rows by "${by}"`, columns: [by, 'before', 'after'], rows, isOpen: true };
}

function labelOf(value: unknown): string {
  return value === null || value === undefined ? '(missing)' : textOf(value);
}

function oneValue(source: Dataset, by: string): UserError {
  return new UserError(`"${by}" has one value in all rows of ${source.name}: there is nothing to balance.`, {
    offending: by,
  });
}
