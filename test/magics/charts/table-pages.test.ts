import { describe, expect, it } from 'vitest';
import { createPageReader, pagesOf, withPages } from '../../../magics/charts/table-pages.ts';
import { tableResource } from '../../../magics/charts/table-resource.ts';

const fields = [
  { name: 'n', type: 'number' },
  { name: 't', type: 'string' },
];
const rowCount = 2500;
const valueAt = (row: number, name: string) => {
  if (name === 't') return row % 500 === 7 ? null : `row ${row % 100}`;
  return row === 3 ? Number.NaN : (row * 7919) % 2503;
};

describe('pages of a large table', () => {
  const read = createPageReader(fields, rowCount, valueAt);
  const all = Array.from({ length: rowCount }, (_, row) => row);

  it('are read in the table’s order, to its last row', async () => {
    expect(await read({ first: 1000, count: 2 })).toEqual(
      [1000, 1001].map((row) => ({ n: valueAt(row, 'n'), t: `row ${row % 100}` })),
    );
    expect(await read({ first: 2490, count: 20 })).toHaveLength(10);
    expect(await read({ first: 9999, count: 20 })).toEqual([]);
  });

  it.each([false, true])('are sorted over all rows, missing values last (descending: %s)', async (descending) => {
    const rows = await read({ first: 0, count: rowCount, sorting: { column: 'n', descending } });
    const numbers = all.map((row) => valueAt(row, 'n') as number).filter((n) => !Number.isNaN(n));
    numbers.sort((a, b) => (descending ? b - a : a - b));
    expect(rows.map(({ n }) => n)).toEqual([...numbers, null]);
  });

  it('keep equal values in the table’s order, texts as people sort them', async () => {
    const [first, second, ...rest] = await read({
      first: 0,
      count: rowCount,
      sorting: { column: 't', descending: false },
    });
    expect([first, second].map((row) => row!.n)).toEqual([0, 100].map((row) => valueAt(row, 'n')));
    expect(rest.map(({ t }) => t).indexOf('row 10')).toBeGreaterThan(rest.map(({ t }) => t).indexOf('row 9'));
    expect(rest.at(-1)!.t).toBeNull();
  });

  it('belong to tables of which the notebook holds a part', () => {
    const whole = withPages(tableResource(fields, 10, valueAt), read);
    const part = withPages(tableResource(fields, rowCount, valueAt), read);
    expect([pagesOf(whole), pagesOf(part), pagesOf(undefined)]).toEqual([undefined, read, undefined]);
  });
});
