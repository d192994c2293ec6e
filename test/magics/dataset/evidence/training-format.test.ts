import { describe, expect, it } from 'vitest';
import { createDataset, type Row } from '../../../../magics/dataset/dataset.ts';
import { describeFormat, recogniseFormat } from '../../../../magics/dataset/evidence/training-format.ts';
import { toTable } from '../../../../magics/dataset/table.ts';
import { startWith } from '../prepare/dataset-fixture.ts';

const user = { role: 'user', content: 'Hello' };
const assistant = { role: 'assistant', content: 'Good day' };

const formats: readonly (readonly [string, Row, Row])[] = [
  ['conversations (messages)', { messages: [user, assistant] }, { messages: [user, assistant] }],
  [
    'ShareGPT conversations',
    {
      conversations: [
        { from: 'human', value: 'Hello' },
        { from: 'gpt', value: 'Good day' },
      ],
    },
    { messages: [user, assistant] },
  ],
  [
    'preference pairs (DPO)',
    { prompt: 'Hello', chosen: 'Good day', rejected: 'What?' },
    { prompt: [user], chosen: [assistant], rejected: [{ role: 'assistant', content: 'What?' }] },
  ],
  [
    'judged completions (KTO)',
    { prompt: 'Hello', completion: 'Good day', label: true },
    { prompt: [user], completion: [assistant], label: true },
  ],
  ['prompts and completions', { prompt: 'Hello', completion: 'Good day' }, { messages: [user, assistant] }],
  ['prompts and completions', { prompt: [user], completion: [assistant] }, { messages: [user, assistant] }],
  [
    'alpaca instructions',
    { instruction: 'Say', input: 'hello', output: 'Hello' },
    {
      messages: [
        { role: 'user', content: 'Say\n\nhello' },
        { role: 'assistant', content: 'Hello' },
      ],
    },
  ],
  ['alpaca instructions', { instruction: 'Hello', input: '', output: 'Good day' }, { messages: [user, assistant] }],
];

async function datasetOf(rows: readonly Row[]) {
  return createDataset('rows', await toTable(rows, [...new Set(rows.flatMap((row) => Object.keys(row)))]));
}

describe('the format of training data', () => {
  it.each(formats)('%s is recognised and converted: %j', async (name, row, converted) => {
    const format = recogniseFormat(await datasetOf([row]));
    expect(format).toMatchObject({ name, columns: expect.arrayContaining(Object.keys(row)), misfits: [] });
    const { run } = await startWith([row]);
    expect((await run('chat', { data: 'rows', as: 'turns' })).rows()).toEqual([converted]);
  });

  it('is told with the columns and the rows that show it, and names the rows that do not keep to it', async () => {
    const rows = [
      { prompt: 'a', completion: 'b' },
      { prompt: 'a', completion: '' },
      { prompt: 'c', completion: 'd' },
    ];
    const format = recogniseFormat(await datasetOf(rows));
    expect(format?.misfits).toEqual([1]);
    expect(describeFormat(format!)).toBe('prompts and completions, by the columns prompt, completion in 2 of 3 rows');
    const { run, context } = await startWith(rows);
    await run('profile', { data: 'rows' });
    expect(context.text()).toContain(
      'Format: prompts and completions, by the columns prompt, completion in 2 of 3 rows.',
    );
    expect(context.text()).toContain('1 row (33.3%) cannot be read as prompts and completions');
    expect((await run('chat', { data: 'rows' })).rowCount).toBe(2);
    expect(context.text()).toContain('without 1 row that do not keep to it');
  });

  it('is none where the columns only sound like one', async () => {
    expect(
      recogniseFormat(await datasetOf([{ messages: 'three new messages' }, { messages: 'none' }])),
    ).toBeUndefined();
    expect(recogniseFormat(await datasetOf([{ text: 'a', label: 'b' }]))).toBeUndefined();
    const { run } = await startWith([{ text: 'a', label: 'b' }]);
    await expect(run('chat', { data: 'rows' })).rejects.toThrow(
      'Known formats by their columns: conversations (messages)',
    );
    await expect(run('chat', { data: 'rows', user: 'text' })).rejects.toThrow('needs --assistant too');
  });
});
