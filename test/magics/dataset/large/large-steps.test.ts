import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset, Row } from '../../../../magics/dataset/dataset.ts';
import { dataset } from '../../../../magics/dataset/index.ts';
import type { Replay } from '../../../../magics/dataset/replay/replay.ts';
import type { Split } from '../../../../magics/dataset/split/split.ts';
import { makeRepository } from '../../governance/repository-fixture.ts';
import { createTestContext, runVerb } from '../../test-context.ts';

const rows = Array.from({ length: 3000 }, (_, i) => ({
  text: `Question ${i % 2000 < 1000 ? i % 1000 : i} about something else, please`,
  label: ['card', 'fee'][i % 3 === 0 ? 1 : 0]!,
  customer: i % 7 === 0 ? null : `c${i % 200}`,
}));

describe('rows that stay on disk', () => {
  const folder = makeRepository();
  const context = createTestContext(folder);
  const run = <Result = Dataset>(verb: string, options: object) => runVerb<Result>(dataset, verb, options, context);
  const read = async (of: Dataset | undefined) => (await of!.toTable()).objects() as Row[];
  beforeAll(async () => {
    writeFileSync(path.join(folder, 'rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    await run('load', { file: 'rows.jsonl', large: true });
  });

  it('are filtered by a condition in SQL, which gives the same from memory', async () => {
    const sql = "label = 'fee' AND length(text) > 10";
    const fromDisk = await run('filter', { data: 'rows', sql, as: 'fees' });
    expect(context.text()).toContain('2,000 rows removed (66.7%)');
    expect(await read(fromDisk)).toEqual(rows.filter((row) => row.label === 'fee'));
    const inMemory = await run('filter', { data: 'rows.jsonl', sql, as: 'feesToo' });
    expect(inMemory.digest).toBe(fromDisk.digest);
    await expect(run('filter', { data: 'rows', where: 'length(text) > 10' })).rejects.toThrow('--sql "length(text)');
    await expect(run('filter', { data: 'rows', sql: 'txt > 1' })).rejects.toThrow('The query failed');
    await expect(run('filter', { data: 'rows', sql: "label = 'x'" })).rejects.toThrow('No row of rows');
    await expect(run('filter', { data: 'rows' })).rejects.toThrow('--where with an expression');
  });

  it('lose their copies as rows in memory do', async () => {
    const options = { on: 'text', normalize: true };
    const fromDisk = await run('dedup', { data: 'rows', ...options, as: 'distinct' });
    const inMemory = await run('dedup', { data: 'rows.jsonl', ...options, as: 'distinctToo' });
    expect(fromDisk.digest).toBe(inMemory.digest);
    expect(context.text()).toContain('without 1,000 duplicates (33.3%)');
  });

  it('are split with equal texts, or equal groups, in one part, the same for the same seed', async () => {
    const parts = await run<Split>('split', { data: 'rows', seed: 7, as: 'byText' });
    const again = await run<Split>('split', { data: 'rows', seed: 7, as: 'byTextToo' });
    expect(parts.train!.digest).toBe(again.train!.digest);
    expectDealt(await Promise.all([parts.train, parts.dev, parts.test].map(read)), 'text');
    const byCustomer = await run<Split>('split', { data: 'rows', by: 'customer', duplicates: 'anywhere', as: 'by' });
    expectDealt(await Promise.all([byCustomer.train, byCustomer.dev, byCustomer.test].map(read)), 'customer');
  });

  it('are sampled', async () => {
    const few = await run('sample', { data: 'rows', rows: 100, seed: 3, as: 'few' });
    expect(few.rowCount).toBe(100);
  });

  it.each(['fees', 'distinct', 'byText.test', 'few'])('replay %s', async (name) => {
    expect((await run<Replay>('replay', { data: name })).reproduced).toBe(true);
  });
});

/** All rows are dealt, nearly in the shares, and no value stands in two parts. */
function expectDealt(parts: readonly Row[][], column: string): void {
  expect(parts.flat()).toHaveLength(rows.length);
  expect(parts[0]!.length).toBeGreaterThan(0.7 * rows.length);
  const values = parts.map((part) => new Set(part.map((row) => row[column]).filter((value) => value !== null)));
  const all = new Set(values.flatMap((of) => [...of]));
  expect(values.reduce((sum, of) => sum + of.size, 0)).toBe(all.size);
}
