import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../../../magics/dataset/dataset.ts';
import { findSimilarPairs } from '../../../../magics/dataset/near-duplicates.ts';
import type { Split } from '../../../../magics/dataset/split/split.ts';
import { comparableText } from '../../../../magics/dataset/text.ts';
import { startWith } from '../prepare/dataset-fixture.ts';

const words = (n: number) => [1, 2, 3, 4, 5, 6].map((k) => (n * 7919 * k + 104_729 * k * k).toString(36)).join(' ');

/** Texts of their own; every fourth one occurs again in capitals, every fifth one with a word more. */
const rows = Array.from({ length: 200 }, (_, i) => {
  const text = words(i % 4 === 3 ? i - 3 : i % 5 === 4 ? i - 4 : i);
  return {
    text: i % 4 === 3 ? `${text.toUpperCase()}!` : i % 5 === 4 ? `${text} too` : text,
    customer: `c${i % 23}`,
    at: `2026-01-${String(1 + Math.floor(i / 10)).padStart(2, '0')}T00:00:00Z`,
  };
});

const texts = (part?: Dataset) => (part?.rows() ?? []).map((row) => comparableText(String(row.text)));
const parts = ({ train, dev, test }: Split) => [train, dev, test].filter((part) => part !== undefined);

/** Pairs of texts in two parts that are at least this alike. */
function leaks(of: Split, likeness: number): number {
  const all = parts(of).flatMap((part, i) => texts(part).map((text) => ({ part: i, text })));
  const pairs = findSimilarPairs(
    all.map(({ text }) => text),
    likeness,
  );
  return pairs.filter((pair) => all[pair.row]!.part !== all[pair.of]!.part).length;
}

describe('%dataset split', () => {
  it('moves rows with the same text to one part, shows which, and loses none', async () => {
    const { run, lastText, record } = await startWith(rows);
    const split = await run<Split>('split', { data: 'rows', seed: 3 });
    expect(leaks(split, 1)).toBe(0);
    expect(parts(split).reduce((sum, part) => sum + part.rowCount, 0)).toBe(200);
    const moved = Number(/no text in two parts: (\d+) rows moved/.exec(lastText())?.[1]);
    expect(moved).toBeGreaterThan(0);
    expect(lastText()).toContain(`${moved} moved rows:\nrow  moved`);
    expect(record('rows.test').recipe[0].options).toMatchObject({ together: 'exact' });
    const loose = await run<Split>('split', { data: 'rows', seed: 3, duplicates: 'anywhere', as: 'loose' });
    expect(leaks(loose, 1)).toBeGreaterThan(0);
    expect(record('loose.test').recipe[0].options).not.toHaveProperty('together');
  });

  it('keeps near duplicates together, and groups too', async () => {
    const { run } = await startWith(rows);
    expect(leaks(await run<Split>('split', { data: 'rows' }), 0.8)).toBeGreaterThan(0);
    const near = { data: 'rows', near: 0.8, seed: 2, dev: 0.2, test: 0.2 };
    expect(leaks(await run<Split>('split', near), 0.8)).toBe(0);
    const few = rows.map((row, i) => ({ ...row, text: i < 10 ? row.text : words(i) }));
    const grouped = await startWith(few);
    const split = await grouped.run<Split>('split', { ...near, by: 'customer' });
    const customers = parts(split).map((part) => new Set(part.rows().map((row) => row.customer)));
    expect(customers.reduce((sum, set) => sum + set.size, 0)).toBe(new Set(few.map((row) => row.customer)).size);
    expect(leaks(split, 0.8)).toBe(0);
  });

  it('deals by time: the newest rows to the last part, equal times to one', async () => {
    const { run, lastText } = await startWith(
      rows.map((row, i) => ({ ...row, text: `text ${i} ${i * 31}` })).reverse(),
    );
    const { train, dev, test } = await run<Split>('split', {
      data: 'rows',
      time: 'at',
      train: 0.72,
      dev: 0.08,
      test: 0.2,
    });
    const days = (part?: Dataset) => (part?.rows() ?? []).map((row) => String(row.at)).toSorted();
    expect([train, dev, test].map((part) => part?.rowCount)).toEqual([150, 10, 40]);
    expect(days(train).at(-1)! < days(dev)[0]!).toBe(true);
    expect(days(dev).at(-1)! < days(test)[0]!).toBe(true);
    expect(lastText()).toContain('by "at", the newest to the last part');
  });

  it.each([
    [{ time: 'at', by: 'customer' }, '--time deals rows by their time alone: leave --by out'],
    [{ time: 'customer' }, '"customer" in row 1 of rows (200 rows) is "c0", which is no time'],
  ])('refuses %j', async (options, message) => {
    const { run } = await startWith(rows);
    await expect(run('split', { data: 'rows', ...options })).rejects.toThrow(message);
  });
});
