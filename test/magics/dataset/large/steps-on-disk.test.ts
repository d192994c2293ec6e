import { readdirSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ColumnTable } from 'arquero';
import { beforeAll, describe, expect, it } from 'vitest';
import { digestTable } from '../../../../magics/dataset/canonical.ts';
import type { Dataset, Row } from '../../../../magics/dataset/dataset.ts';
import { dataset } from '../../../../magics/dataset/index.ts';
import { withDatabase } from '../../../../magics/dataset/large/database.ts';
import { isLargeRows, type LargeRows } from '../../../../magics/dataset/large/large-rows.ts';
import { forgetRows } from '../../../../magics/dataset/large/scratch-rows.ts';
import { mapRows } from '../../../../magics/dataset/map-rows.ts';
import { steps } from '../../../../magics/dataset/prepare/steps.ts';
import type { Replay } from '../../../../magics/dataset/replay/replay.ts';
import { dealParts } from '../../../../magics/dataset/split/deal-parts.ts';
import type { Split } from '../../../../magics/dataset/split/split.ts';
import { trainTokenizer } from '../../../../magics/engine/tokenizer.ts';
import { makeRepository } from '../../governance/repository-fixture.ts';
import { createTestContext, runVerb } from '../../test-context.ts';

/** Enough rows that DuckDB hands them over in several batches. */
const rows = Array.from({ length: 2100 }, (_, i) => {
  const about = ['card', 'fee', 'transfer', 'pin'][(i * 7) % 4]!;
  return {
    text: `Number ${(i % 2000) * 7919} asks  about the ${about}${i % 3 === 0 ? ` from me${i % 50}@example.com` : ''}${i % 2000 < i ? '!' : ''}`,
    label: i % 11 === 0 ? null : about,
    customer: i % 7 === 0 ? null : `c${i % 300}`,
    day: `2026-0${1 + (i % 9)}-1${i % 10}`,
    score: i % 13 === 0 ? null : i / 7,
    extra: i % 3 === 0 ? { n: 1.5, note: `Ask  me${i}@example.com` } : i % 3 === 1 ? ['a  b', i] : null,
    isNew: i % 2 === 0,
    turns: [
      { role: 'user', content: `I am me${i}@example.com` },
      { role: 'assistant', content: i % 17 === 0 ? '' : `Thank  you, ${i}` },
    ],
  };
});

describe('rows on disk', () => {
  const folder = makeRepository();
  const context = createTestContext(folder);
  const run = <Result = Dataset>(verb: string, options: object) => runVerb<Result>(dataset, verb, options, context);
  const scratch = () =>
    readdirSync(path.join(folder, '.llmops/cache/data')).filter((name) => /^[\da-f-]{36}\./.test(name));
  let digest: string;

  beforeAll(async () => {
    writeFileSync(path.join(folder, 'rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    writeFileSync(
      path.join(folder, 'test.jsonl'),
      rows
        .slice(100, 160)
        .map((row) => `${JSON.stringify({ text: row.text.toUpperCase() })}\n`)
        .join(''),
    );
    const tokenizer = trainTokenizer(
      rows.slice(0, 200).map(({ text }) => text),
      { vocabularySize: 280 },
    );
    await tokenizer.save(path.join(folder, 'model'));
    digest = (await run('load', { file: 'rows.jsonl', large: true })).digest;
    await run('load', { file: 'test.jsonl' });
  });

  /** What the headline of a verb says of the rows, without the names and the commit. */
  const told = (name: string) =>
    context
      .text()
      .split('\n')
      .findLast((line) => line.startsWith(`${name}: `))
      ?.match(/ of rows .*?;/)?.[0];

  it.each<[verb: string, options: object]>([
    ['normalise', { unicode: 'NFKC', case: 'upper' }],
    ['normalise', { columns: 'turns' }],
    ['redact', {}],
    ['redact', { columns: 'text', kinds: 'EMAIL_ADDRESS', how: 'pseudonym' }],
    ['balance', { by: 'label', how: 'down', seed: 3 }],
    ['balance', { by: 'label', how: 'up', seed: 3 }],
    ['sample', { rows: 700, stratify: 'label', seed: 3 }],
    ['chat', { user: '{{label}}: {{text}}', assistant: 'customer', system: 'Answer.', keep: 'score' }],
    ['dedup', { on: 'text', against: 'test' }],
    ['dedup', { on: 'text', against: 'test', near: 0.9 }],
    ['budget', { tokenizer: 'model', rowTokens: 40, tokens: 20_000, on: 'text' }],
    ['budget', { tokenizer: 'model', rowTokens: 20, how: 'cut', on: 'text' }],
  ])('%s %o gives the rows that it gives in memory, and replays to the same digest', async (verb, options) => {
    const fromDisk = await run(verb, { data: 'rows', ...options, as: 'fromDisk' });
    const inMemory = await run(verb, { data: 'rows.jsonl', ...options, as: 'inMemory' });
    expect(fromDisk.digest).toBe(inMemory.digest);
    expect(fromDisk.digest).not.toBe(digest);
    expect(told('fromDisk')).toMatch(/^ of rows \(2,100 rows\) /);
    expect(told('fromDisk')).toBe(told('inMemory'));
    expect((await run<Replay>('replay', { data: 'fromDisk' })).reproduced).toBe(true);
    expect(scratch()).toEqual([]);
  });

  it.each<[options: object]>([
    [{ stratify: 'label', seed: 5 }],
    [{ stratify: 'label', by: 'customer', duplicates: 'anywhere' }],
    [{ by: 'customer' }],
    [{ time: 'day', train: 0.7, test: 0.3 }],
    [{ near: 0.9 }],
  ])('split %o deals the rows that it deals in memory, and replays to the same digests', async (options) => {
    const fromDisk = await run<Split>('split', { data: 'rows', ...options, as: 'fromDisk' });
    const inMemory = await run<Split>('split', { data: 'rows.jsonl', ...options, as: 'inMemory' });
    const digests = (parts: Split) => Object.values(parts).map((part) => part.digest);
    expect(digests(fromDisk)).toEqual(digests(inMemory));
    expect((await run<Replay>('replay', { data: 'fromDisk.test' })).reproduced).toBe(true);
    expect(scratch()).toEqual([]);
  });

  it('stay on disk where they are too many for a table, with the digest that a table of them has', async () => {
    const place = { source: await run('show', { data: 'rows' }), references: [], folder };
    for (const verb of ['normalise', 'balance', 'chat']) {
      const step = steps.get(verb)!;
      const options = { chat: { user: 'text', assistant: 'day' }, balance: { by: 'label' } }[verb] ?? {};
      const given = step.options.parse({ data: 'rows', ...options });
      const { table: kept } = await step.apply({ ...place, tableRows: 100 }, given);
      const { table } = await step.apply(place, given);
      expect([isLargeRows(kept), isLargeRows(table)]).toEqual([true, false]);
      expect((kept as LargeRows).digest).toBe(digestTable(table as ColumnTable));
      await forgetRows([kept]);
    }
    expect(scratch()).toEqual([]);
  });

  it('an interrupt in the middle leaves no file, and the rows as they were', async () => {
    const controller = new AbortController();
    const source = await run('show', { data: 'rows' });
    let seen = 0;
    const stopAtRow1000 = (row: Row) => {
      seen++;
      if (seen === 1000) controller.abort();
      return row;
    };
    const place = { source, folder, signal: controller.signal };
    await expect(mapRows(place, stopAtRow1000, { sameColumns: true })).rejects.toThrow('aborted');
    expect(seen).toBeLessThan(rows.length);
    expect(scratch()).toEqual([]);
    expect((await run('show', { data: 'rows' })).digest).toBe(digest);
  });

  it('a part that cannot be written takes those before it along', async () => {
    const source = await run('show', { data: 'rows' });
    const controller = new AbortController();
    const recipe = { shares: { train: 0.5, test: 0.5 }, seed: 1, stratify: 'label' };
    const place = { folder, tableRows: 100, signal: controller.signal };
    const watcher = watch(path.join(folder, '.llmops/cache/data'), () => {
      if (scratch().length === 2) controller.abort();
    });
    await expect(dealParts(source, recipe, ['train', 'test'], place)).rejects.toThrow('aborted');
    watcher.close();
    expect(scratch()).toEqual([]);
  });
});

describe('a full disk', () => {
  it('is told as one, whoever was writing', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const byDuckDb = new Error('IO Error: Could not write file "/x": No space left on device');
    for (const error of [full, byDuckDb]) {
      await expect(withDatabase(() => Promise.reject(error))).rejects.toThrow('The disk is full: the rows need room');
    }
    await expect(withDatabase(() => Promise.reject(new Error('another')))).rejects.toThrow('another');
  });
});
