import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { typeSymbol } from '../../../magics/context.ts';
import type { Dataset } from '../../../magics/dataset/dataset.ts';
import { dataset } from '../../../magics/dataset/index.ts';
import type { Profile } from '../../../magics/dataset/profile.ts';
import { resolveDataset } from '../../../magics/dataset/resolve.ts';
import { git, makeRepository } from '../governance/repository-fixture.ts';
import { createTestContext, runVerb } from '../test-context.ts';

/** Tickets in memory, and the same rows kept on disk. */
async function start() {
  const folder = makeRepository();
  const lines = Array.from({ length: 100 }, (_, i) => `{"text":"ticket ${i}","label":"l${i % 4}","n":${i}}\n`);
  writeFileSync(path.join(folder, 'tickets.jsonl'), lines.join(''));
  const context = createTestContext(folder);
  const run = <Result = Dataset>(verb: string, options: object) => runVerb<Result>(dataset, verb, options, context);
  const small = await run('load', { file: 'tickets.jsonl', as: 'small.train' });
  const large = await run('load', { file: 'tickets.jsonl', as: 'large', large: true });
  return { folder, context, run, small, large };
}

it('a data set on disk has the digest and the columns of the one in memory, and answers the same questions', async () => {
  const { folder, small, large } = await start();
  expect(large.digest).toBe(small.digest);
  expect(large.columns).toEqual(small.columns);
  for (const one of [small, large, await resolveDataset('large', folder)]) {
    expect(one.numRows()).toBe(100);
    expect((await one.head(2)).objects()).toEqual(small.table.slice(0, 2).objects());
    expect((await one.toTable()).objects()).toEqual(small.table.objects());
    const counts = await one.sql('SELECT label, count(*) AS n FROM data GROUP BY label ORDER BY label');
    expect(counts.objects()).toEqual(['l0', 'l1', 'l2', 'l3'].map((label) => ({ label, n: 25 })));
    const [a, b] = [await one.sample(10, 3), await one.sample(10, 3)];
    expect(a.numRows()).toBe(10);
    expect(a.objects()).toEqual(b.objects());
  }
  expect(() => large.table).toThrow('large has 100 rows and stays on disk');
  expect(() => large.groupby('label')).toThrow('large has 100 rows and stays on disk');
});

it('queries data sets by name, wherever their rows are, and records the query with what it read', async () => {
  const { folder, context, run, small, large } = await start();
  const body =
    'WITH few AS (FROM large LIMIT 50)\nSELECT s.label, max(few.n) AS top FROM small.train s JOIN few USING (text) GROUP BY 1 ORDER BY 1;\n';
  const result = await run('sql', { body, as: 'tops' });
  expect(result.rows()).toEqual([48, 49, 46, 47].map((top, i) => ({ label: `l${i}`, top })));
  expect(Reflect.get(result, typeSymbol)).toBe("import('llmops').Dataset<{ label: string; top: number }>");
  expect(context.text()).toContain('tops: 4 rows, 2 columns by a query over');
  const record = JSON.parse(git(folder, 'show', 'HEAD:llmops/datasets/tops.json'));
  expect(record.recipe).toEqual([{ verb: 'sql', options: { query: body.trim().slice(0, -1) } }]);
  const inputs = [small, large].map(({ name, digest }) => ({ role: 'source', kind: 'dataset', name, digest }));
  expect(record.inputs).toEqual(expect.arrayContaining(inputs));
  expect(record.inputs).toHaveLength(2);
});

it('profiles what is on disk as it does what is in memory', async () => {
  const { run } = await start();
  const [a, b] = [
    await run<Profile>('profile', { data: 'small.train' }),
    await run<Profile>('profile', { data: 'large' }),
  ];
  expect(b.duplicates).toBe(0);
  expect(b.columns.map(({ name, missing, values }) => ({ name, missing, values }))).toEqual(
    a.columns.map(({ name, missing, values }) => ({ name, missing, values })),
  );
  expect(b.columns[2]?.numbers).toMatchObject({ count: 100, min: 0, max: 99, mean: 49.5 });
  expect(b.findings.map(({ text }) => text)).toEqual(a.findings.map(({ text }) => text));
});

it.each([
  ['SELEC 1', 'This is no query that can be run: syntax error at or near "SELEC"'],
  ['SELECT labl FROM large', 'The query failed: Referenced column "labl" not found'],
  ['SELECT * FROM larg', 'Data set "larg" does not exist. Did you mean "large"?'],
  ["SELECT * FROM read_csv('/etc/passwd')", 'The query failed:'],
])('says what is wrong with %s', async (body, message) => {
  const { run } = await start();
  await expect(run('sql', { body })).rejects.toThrow(message);
});

it('says what was counted in all rows and what was looked at in a sample', async () => {
  const { folder, context, run } = await start();
  const lines = Array.from(
    { length: 24_000 },
    (_, i) => `question ${i % 23_990} of many,${i % 7 === 0 ? '' : i % 3}\n`,
  );
  writeFileSync(path.join(folder, 'many.csv'), `text,label\n${lines.join('')}`);
  await run('load', { file: 'many.csv', as: 'whole' });
  await run('load', { file: 'many.csv', as: 'many', large: true });
  const whole = await run<Profile>('profile', { data: 'whole' });
  expect(whole.sampledRows).toBeUndefined();
  expect(context.text()).not.toContain('random sample');
  const many = await run<Profile>('profile', { data: 'many' });
  expect([many.rows, many.sampledRows]).toEqual([24_000, 20_000]);
  expect(many.duplicates).toBe(whole.duplicates);
  expect(many.columns.map(({ missing }) => missing)).toEqual(whole.columns.map(({ missing }) => missing));
  expect(context.text()).toContain('in a random sample of 20,000 rows, whose rows are numbered on their own');
});
