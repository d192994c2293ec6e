import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { typeSymbol } from '../../../magics/context.ts';
import type { Dataset } from '../../../magics/dataset/dataset.ts';
import { dataset } from '../../../magics/dataset/index.ts';
import type { Profile } from '../../../magics/dataset/profile.ts';
import { resolveDataset } from '../../../magics/dataset/resolve.ts';
import type { Split } from '../../../magics/dataset/split/split.ts';
import { trainTokenizer } from '../../../magics/engine/tokenizer.ts';
import { git, makeFolder, makeRepository } from '../governance/repository-fixture.ts';
import { createTestContext, runVerb } from '../test-context.ts';

/** A repository with a file of tickets. */
function start(lines: readonly object[]) {
  const folder = makeRepository();
  writeFileSync(path.join(folder, 'tickets.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const context = createTestContext(folder);
  const run = <Result = Dataset>(verb: string, options: object) => runVerb<Result>(dataset, verb, options, context);
  return { folder, context, run };
}

const tickets = Array.from({ length: 100 }, (_, i) => ({
  text: `Ticket number ${i} says something of its own`,
  label: `l${i % 4}`,
  customer: `c${i % 17}`,
}));

describe('%dataset load', () => {
  it('loads, records and shows a file, and says what to use next', async () => {
    const { folder, context, run } = start(tickets);
    const loaded = await run('load', { file: 'tickets.jsonl', as: 'tickets', license: 'cc-by-4.0' });
    expect(Reflect.get(loaded, typeSymbol)).toBe(
      "import('llmops').Dataset<{ text: string; label: string; customer: string }>",
    );
    expect(context.text()).toMatch(
      /^tickets: 100 rows, 3 columns from tickets\.jsonl; digest [0-9a-f]{8}; committed [0-9a-f]{7}\n/,
    );
    expect([...loaded].length).toBe(100);
    const record = JSON.parse(git(folder, 'show', 'HEAD:llmops/datasets/tickets.json'));
    expect(record).toMatchObject({
      inputs: [{ kind: 'file', name: 'tickets.jsonl', role: 'source' }],
      recipe: [{ verb: 'load', options: { format: 'jsonl' } }],
      license: 'cc-by-4.0',
    });
    expect(git(folder, 'status', '--porcelain', '--', 'llmops')).toBe('');
  });

  it('gives arquero’s verbs on the data set and on its table', async () => {
    const { run } = start(tickets);
    const loaded = await run<Dataset<(typeof tickets)[number]>>('load', { file: 'tickets.jsonl' });
    const counted = loaded.groupby('label').count();
    expect(counted.objects()).toEqual(Array.from({ length: 4 }, (_, i) => ({ label: `l${i}`, count: 25 })));
    expect(loaded.derive({ size: (row) => row.text.length }).array('size')[0]).toBe(tickets[0]!.text.length);
    expect(loaded.join(counted, 'label').numRows()).toBe(100);
    expect(loaded.filter((row) => row.label === 'l1').objects()).toEqual(
      loaded.table.filter((row) => row.label === 'l1').objects(),
    );
    expect(Object.keys(loaded)).not.toContain('groupby');
  });

  it('commits once when the same data is loaded twice, and leaves staged work alone', async () => {
    const { folder, context, run } = start(tickets);
    writeFileSync(path.join(folder, 'mine.txt'), 'staged');
    git(folder, 'add', 'mine.txt');
    await run('load', { file: 'tickets.jsonl' });
    await run('load', { file: 'tickets.jsonl' });
    expect(git(folder, 'rev-list', '--count', 'HEAD')).toBe('2');
    expect(context.text()).toContain('unchanged since');
    expect(git(folder, 'diff', '--cached', '--name-only')).toBe('mine.txt');
  });

  it('counts and lists skipped rows', async () => {
    const { folder, context, run } = start(tickets);
    writeFileSync(path.join(folder, 'broken.csv'), 'a,b\n1,2\n3\n');
    await run('load', { file: 'broken.csv', skipMalformed: true });
    expect(context.text()).toContain('1 malformed row skipped\nline 3: the header has 2 columns');
    expect(context.shown[0]).toHaveProperty('application/vnd.dataresource+json');
    expect(context.shown[1]?.['text/html']).toContain('1 malformed row skipped');
  });

  it('works outside git, and offers to make a repository', async () => {
    const folder = makeFolder();
    writeFileSync(path.join(folder, 'a.csv'), 'a\n1\n');
    const context = createTestContext(folder);
    const loaded = await runVerb<Dataset>(dataset, 'load', { file: 'a.csv' }, context);
    expect(loaded.rowCount).toBe(1);
    expect(context.text()).toContain('%llmops init');
  });
});

describe('%dataset show', () => {
  it('shows as many rows as asked, and escapes what they hold', async () => {
    const { context, run } = start([{ text: '<script>alert(1)</script>' }, ...tickets]);
    await run('show', { data: 'tickets.jsonl', rows: 3 });
    const html = String(context.shown[0]?.['text/html']);
    expect(html.match(/<tr>/g)).toHaveLength(4);
    expect(html).not.toContain('<script>');
    expect(html).toContain('first 3 of 101 rows');
  });
});

describe('%dataset split', () => {
  it('records each part under its name, in one commit, typed like its source', async () => {
    const { folder, run } = start(tickets);
    await run('load', { file: 'tickets.jsonl' });
    const parts = await run<Split>('split', { data: 'tickets', by: 'customer', seed: 7 });
    expect(git(folder, 'rev-list', '--count', 'HEAD')).toBe('3');
    const sizes = [parts.train, parts.dev, parts.test].map((part) => part?.rowCount ?? 0);
    expect(sizes.reduce((a, b) => a + b)).toBe(100);
    const customers = (part?: Dataset) => new Set(part?.rows().map((row) => row.customer));
    expect([...customers(parts.test)].filter((c) => customers(parts.train).has(c))).toEqual([]);
    const test = await resolveDataset('tickets.test', folder);
    expect(test.rows()).toEqual(parts.test?.rows());
    const type = "import('llmops').Dataset<{ text: string; label: string; customer: string }>";
    expect(Reflect.get(parts, typeSymbol)).toBe(`{ train: ${type}; dev: ${type}; test: ${type} }`);
  });

  it('gives the same digests for the same seed, and names the parts after --as', async () => {
    const { run } = start(tickets);
    const options = { data: 'tickets.jsonl', test: 0.25, stratify: 'label', as: 'parts' };
    const [a, b] = [await run<Split>('split', options), await run<Split>('split', options)];
    expect(a.test?.name).toBe('parts.test');
    expect(a.test?.rowCount).toBe(25);
    expect(a.dev).toBeUndefined();
    expect([a.train?.digest, a.test?.digest]).toEqual([b.train?.digest, b.test?.digest]);
    expect(a.train?.commit).toBe(b.train?.commit);
  });

  it.each([
    [{ by: 'custmer' }, 'Data set "tickets" has no column "custmer". Did you mean "customer"?'],
    [{ train: 0.5, test: 0.1 }, 'The shares add up to 0.6, not 1: train 0.5 + test 0.1.'],
    [{ test: 0.001 }, 'Part "test" of tickets would be empty'],
  ])('refuses %j', async (options, message) => {
    const { run } = start(tickets);
    await expect(run('split', { data: 'tickets.jsonl', ...options })).rejects.toThrow(message);
  });
});

describe('%dataset dedup', () => {
  const repeated = [
    { text: 'Where is my card?', label: 'a' },
    { text: 'where is  my CARD?', label: 'a' },
    { text: 'Where is my card?', label: 'a' },
    { text: 'Where is my card?', label: 'b' },
    { text: 'When will my replacement card be delivered to me?', label: 'a' },
    { text: 'When will my replacement card be delivered to us?', label: 'a' },
  ];

  it.each([
    [{}, [0, 1, 3, 4, 5]],
    [{ on: 'text' }, [0, 1, 4, 5]],
    [{ on: ['text'], normalize: true }, [0, 4, 5]],
    [{ near: 0.8 }, [0, 4]],
  ])('keeps the first of each kind: %j', async (options, kept) => {
    const { context, run } = start(repeated);
    const clean = await run('dedup', { data: 'tickets.jsonl', ...options });
    expect(clean.rows()).toEqual(kept.map((row) => repeated[row]));
    expect(clean.name).toBe('tickets.dedup');
    expect(context.text()).toContain(`${repeated.length - kept.length} `);
  });

  it('removes what stands in the test set too, and records both inputs', async () => {
    const { folder, context, run } = start(repeated);
    writeFileSync(path.join(folder, 'test.csv'), 'text\nwhere is my card\n');
    await run('load', { file: 'test.csv', as: 'test' });
    const clean = await run('dedup', { data: 'tickets.jsonl', on: 'text', against: 'test', as: 'clean' });
    expect(clean.rowCount).toBe(2);
    expect(context.text()).toContain('4 also in test');
    const record = JSON.parse(git(folder, 'show', 'HEAD:llmops/datasets/clean.json'));
    expect(record.inputs.map((i: { name: string }) => i.name)).toEqual(['tickets', 'test']);
  });

  it('names the nearest column', async () => {
    const { run } = start(repeated);
    await expect(run('dedup', { data: 'tickets.jsonl', on: 'txt' })).rejects.toThrow('Did you mean "text"?');
  });
});

describe('%dataset profile', () => {
  it('finds leaks, conflicts, missing values, blanks, duplicates and imbalance, heaviest first, each with what to do', async () => {
    const rows = [
      ...tickets.map((t) => ({ ...t, label: 'common', score: t.text.length as number | null })),
      { text: 'Ticket number 3 says something of its own', label: 'rare', customer: 'c3', score: null },
      { text: ' ', label: 'rare', customer: 'c1', score: 1 },
      { ...tickets[0]!, label: 'common', score: tickets[0]!.text.length },
    ];
    const { folder, context, run } = start(rows);
    writeFileSync(path.join(folder, 'test.csv'), 'text\n"ticket number 5, says something of its own!"\nnew\n');
    const profile = await run<Profile>('profile', { data: 'tickets.jsonl', against: 'test.csv' });
    expect(profile.findings.map((f) => f.text)).toEqual([
      '1 row of test (50.0%) have a "text" that tickets holds too: scores on test will be too good',
      '1 text in "text" has more than one "label"',
      '"text" is blank in 1 row (1.0%)',
      '"score" is missing in 1 row (1.0%)',
      '1 exact duplicate (1.0%)',
      '"label" is unbalanced: the most common value is 51 times as frequent as the rarest',
    ]);
    expect(profile.findings[0]?.next).toBe('%dataset dedup tickets --on text --against test');
    expect(profile.leaks[0]?.rows).toEqual([{ row: 0, of: 5, text: 'ticket number 5, says something of its own!' }]);
    expect(profile.columns.map((c) => [c.name, c.kind])).toEqual([
      ['text', 'text'],
      ['label', 'category'],
      ['customer', 'category'],
      ['score', 'number'],
    ]);
    expect(context.shown.filter((bundle) => 'image/svg+xml' in bundle)).toHaveLength(1);
    expect(context.shown[0]?.['text/html']).toContain('leaked rows of test (1)');
  });

  it('counts tokens with the tokenizer of a model', async () => {
    const { folder, run } = start(tickets);
    const tokenizer = trainTokenizer(
      tickets.map((t) => t.text),
      { vocabularySize: 300 },
    );
    await tokenizer.save(path.join(folder, 'model'));
    const profile = await run<Profile>('profile', { data: 'tickets.jsonl', tokenizer: 'model' });
    const longest = Math.max(...tickets.map((t) => tokenizer.encode(t.text, { addSpecialTokens: false }).length));
    expect(profile.columns[0]?.tokens?.max).toBe(longest);
  });

  it('has nothing to say about clean data', async () => {
    const { context, run } = start(tickets);
    expect((await run<Profile>('profile', { data: 'tickets.jsonl' })).findings).toEqual([]);
    expect(context.text()).toContain('nothing to mend');
  });

  it('measures conversations by what is said in them', async () => {
    const { run } = start([
      {
        messages: [
          { role: 'user', content: 'abc' },
          { role: 'assistant', content: 'de' },
        ],
      },
    ]);
    const profile = await run<Profile>('profile', { data: 'tickets.jsonl' });
    expect(profile.columns[0]).toMatchObject({ kind: 'text', characters: { max: 6 } });
  });
});
