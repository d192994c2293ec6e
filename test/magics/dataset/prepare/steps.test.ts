import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../../../magics/dataset/dataset.ts';
import { dataset } from '../../../../magics/dataset/index.ts';
import { steps } from '../../../../magics/dataset/prepare/steps.ts';
import { trainTokenizer } from '../../../../magics/engine/tokenizer.ts';
import { helpBundle } from '../../../../magics/help.ts';
import { startWith } from './dataset-fixture.ts';

const tickets = Array.from({ length: 60 }, (_, i) => ({
  text: `Ticket ${i} ${'about a card '.repeat(1 + (i % 5))}`.trim(),
  label: ['card', 'fee', 'pin'][i % 10 < 6 ? 0 : i % 10 < 9 ? 1 : 2],
  score: i % 7 === 0 ? null : i,
}));

const labelCounts = (of: Dataset) =>
  Object.fromEntries(
    of.table
      .groupby('label')
      .count()
      .objects()
      .map((row) => Object.values(row)),
  );

describe('every step', () => {
  it.each([...steps.keys()])('%s is a verb with help and an example of its own', (verb) => {
    const text = String(helpBundle(dataset, verb)['text/plain']);
    expect(text).toContain(`%dataset ${verb} DATA`);
    expect(text).toContain(`Example:\n  %dataset ${verb} `);
  });
});

describe('%dataset filter', () => {
  it('keeps rows by an expression over the columns, counts and shows the others, and records it', async () => {
    const { run, lastText, record } = await startWith(tickets);
    const where = "label != 'pin' && score >= 30 && length(text) > 20";
    const kept = await run('filter', { data: 'rows', where });
    const expected = tickets.filter((t) => t.label !== 'pin' && (t.score ?? 0) >= 30 && t.text.length > 20);
    expect(kept.rows()).toEqual(expected);
    expect(kept.name).toBe('rows.filtered');
    expect(lastText()).toMatch(/^rows\.filtered: \d+ rows, 3 columns of rows \(60 rows\) where label != 'pin'/);
    expect(lastText()).toContain(`; ${60 - expected.length} rows removed (`);
    expect(lastText()).toContain(`${60 - expected.length} removed rows:\nrow  text`);
    expect(record('rows.filtered')).toMatchObject({
      inputs: [{ kind: 'dataset', name: 'rows' }],
      recipe: [{ verb: 'filter', options: { where } }],
    });
  });

  it('takes a function’s text, and columns whose names are no identifiers by it', async () => {
    const { run } = await startWith([{ 'the text': 'a' }, { 'the text': 'bb' }]);
    const kept = await run('filter', { data: 'rows', where: "row => row['the text'] == 'bb'" });
    expect(kept.rows()).toEqual([{ 'the text': 'bb' }]);
  });

  it.each([
    ["lable == 'card'", '--where names "lable", which is no column of rows. Did you mean "label"?'],
    ['row => row.scor > 1', '--where names "scor", which is no column of rows. Did you mean "score"?'],
    ['score >', '--where "score >" is not an expression over the columns (text, label, score)'],
    ['process.exit()', '--where "process.exit()" is not an expression'],
    ['score > 1000', 'No row of rows (60 rows) is left where score > 1000'],
  ])('refuses %s', async (where, message) => {
    const { run } = await startWith(tickets);
    await expect(run('filter', { data: 'rows', where })).rejects.toThrow(message);
  });
});

describe('%dataset normalise', () => {
  const rough = [
    { text: 'Cafe\u0301  au\tlait ', note: 'x' },
    { text: '<p>Pay &lt;b&gt; &amp; go<br>now</p><script>alert(1)</script>', note: 'x' },
    { text: 'if a < b and c > d then AT&T', note: 'x' },
    { text: 'fine', note: 'x' },
  ];

  it('changes form, blanks and markup, and says how many rows each changed', async () => {
    const { run, lastText, record } = await startWith(rough);
    const plain = await run('normalise', { data: 'rows', html: true });
    expect(plain.rows().map((row) => row.text)).toEqual([
      'Café au lait',
      'Pay <b> & go\nnow',
      'if a < b and c > d then AT&T',
      'fine',
    ]);
    expect(lastText()).toContain('with 2 rows changed (50.0%): HTML 1, NFC 1, white space 1');
    expect(record('rows.normalised').recipe[0].options).toEqual({
      unicode: 'NFC',
      whitespace: true,
      html: true,
      case: 'keep',
    });
  });

  it('folds letters and leaves out what it is told to', async () => {
    const { run } = await startWith(rough);
    const options = { data: 'rows', columns: 'text', case: 'upper', whitespace: false, unicode: 'keep' };
    expect((await run('normalise', options)).rows()[3]).toEqual({ text: 'FINE', note: 'x' });
  });
});

describe('%dataset balance', () => {
  it.each([
    ['down', undefined, { card: 6, fee: 6, pin: 6 }],
    ['up', undefined, { card: 36, fee: 36, pin: 36 }],
    ['down', 10, { card: 10, fee: 10, pin: 6 }],
  ])('%s to %s', async (how, to, expected) => {
    const { run, lastText } = await startWith(tickets);
    const even = await run('balance', { data: 'rows', by: 'label', how, to, seed: 3 });
    expect(labelCounts(even)).toEqual(expected);
    expect(lastText()).toContain('label  before  after\ncard       36');
    const again = await run('balance', { data: 'rows', by: 'label', how, to, seed: 3 });
    const other = await run('balance', { data: 'rows', by: 'label', how, to, seed: 4 });
    expect(again.digest).toBe(even.digest);
    expect(other.digest).not.toBe(even.digest);
  });

  it('refuses a column with one value', async () => {
    const { run } = await startWith([{ a: 1 }, { a: 1 }]);
    await expect(run('balance', { data: 'rows', by: 'a' })).rejects.toThrow('has one value in all rows');
  });
});

describe('%dataset sample', () => {
  it('draws as many rows as asked, in proportion, in order, the same for the same seed', async () => {
    const { run } = await startWith(tickets);
    const few = await run('sample', { data: 'rows', rows: 20, stratify: 'label', seed: 1 });
    expect(labelCounts(few)).toEqual({ card: 12, fee: 6, pin: 2 });
    const numbers = few.rows().map((row) => Number(String(row.text).split(' ')[1]));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect((await run('sample', { data: 'rows', rows: 20, stratify: 'label', seed: 1 })).digest).toBe(few.digest);
    expect((await run('sample', { data: 'rows', fraction: 0.25 })).rowCount).toBe(15);
  });

  it.each([
    [{}, 'either --rows 1000 or --fraction 0.1'],
    [{ rows: 1, fraction: 0.1 }, 'either --rows 1000 or --fraction 0.1'],
    [{ rows: 61 }, 'rows has 60 rows, fewer than --rows 61'],
  ])('refuses %j', async (options, message) => {
    const { run } = await startWith(tickets);
    await expect(run('sample', { data: 'rows', ...options })).rejects.toThrow(message);
  });
});

describe('%dataset chat', () => {
  it('makes messages from templates and columns, keeps columns, and shows rows with nothing to say', async () => {
    const { run, lastText } = await startWith([
      { text: 'Hi $& there', label: 'card', id: 1 },
      { text: ' ', label: 'card', id: 2 },
      { text: 'Bye', label: null, id: 3 },
    ]);
    const options = { data: 'rows', system: 'Route.', user: 'Ticket: {{text}}', assistant: 'label', keep: 'id' };
    const turns = await run('chat', options);
    expect(turns.rows()).toEqual([
      {
        messages: [
          { role: 'system', content: 'Route.' },
          { role: 'user', content: 'Ticket: Hi $& there' },
          { role: 'assistant', content: 'card' },
        ],
        id: 1,
      },
    ]);
    expect(lastText()).toContain('without 2 rows in which a message would be empty');
  });

  it.each([
    [{ user: '{{txt}}', assistant: 'label' }, 'has no column "txt". Did you mean "text"?'],
    [{ user: 'text', assistant: 'lable' }, '"lable" is no column of rows and holds no {{column}}'],
  ])('refuses %j', async (options, message) => {
    const { run } = await startWith(tickets);
    await expect(run('chat', { data: 'rows', ...options })).rejects.toThrow(message);
  });
});

describe('%dataset budget', () => {
  async function start() {
    const started = await startWith(tickets);
    const tokenizer = trainTokenizer(
      tickets.map((t) => t.text),
      { vocabularySize: 280 },
    );
    await tokenizer.save(path.join(started.folder, 'model'));
    const tokens = (text: unknown) => tokenizer.encode(String(text), { addSpecialTokens: false }).length;
    return { ...started, tokens };
  }

  it('leaves out rows that are too long, and pins the tokenizer', async () => {
    const { run, tokens, record } = await start();
    const fitting = await run('budget', { data: 'rows', tokenizer: 'model', rowTokens: 15 });
    expect(fitting.rows()).toEqual(tickets.filter((t) => tokens(t.text) <= 15));
    expect(record('rows.fitting').inputs[1]).toMatchObject({ kind: 'file', name: 'model/tokenizer.json' });
  });

  it('cuts texts so that each fits, and draws rows so that all do', async () => {
    const { run, tokens, lastText } = await start();
    const options = { data: 'rows', tokenizer: 'model', rowTokens: 15, tokens: 300, how: 'cut', seed: 2 };
    const fitting = await run('budget', options);
    const lengths = fitting.rows().map((row) => tokens(row.text));
    expect(Math.max(...lengths)).toBeLessThanOrEqual(15);
    const total = lengths.reduce((a, b) => a + b);
    expect(total).toBeLessThanOrEqual(300);
    expect(total).toBeGreaterThan(285);
    expect(lastText()).toContain('cut row');
    for (const row of fitting.rows()) expect(tickets.some((t) => t.text.startsWith(String(row.text)))).toBe(true);
  });

  it('refuses a budget without a number, and one that nothing fits', async () => {
    const { run } = await start();
    await expect(run('budget', { data: 'rows', tokenizer: 'model' })).rejects.toThrow('Say what the budget is');
    await expect(run('budget', { data: 'rows', tokenizer: 'model', rowTokens: 1 })).rejects.toThrow(
      'No row of rows fits --rowTokens 1',
    );
  });
});
