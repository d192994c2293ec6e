import { describe, expect, it } from 'vitest';
import { createDataset, type Dataset, type Row } from '../../../magics/dataset/dataset.ts';
import { toTable } from '../../../magics/dataset/table.ts';
import { createRenderer, type Document, readDocuments } from '../../../magics/finetune/documents.ts';
import { chooseRowFormat } from '../../../magics/finetune/row-format.ts';
import { createPrompt } from '../../../magics/prompt/prompt.ts';

const cron = await createPrompt('cron', '{{role "user"}}{{text}}');
const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });

describe('without a prompt, rows are read by their columns', () => {
  it.each<[string, Row, Document[]]>([
    [
      'messages, one document for the whole conversation',
      { messages: [user('a'), assistant('b'), user('c'), assistant('d')] },
      [{ conversation: [user('a'), assistant('b'), user('c'), assistant('d')], learned: ['assistant'] }] as Document[],
    ],
    [
      'ShareGPT conversations, as JSON text too',
      { conversations: '[{"from":"human","value":"a"},{"from":"gpt","value":"b"}]' },
      [{ conversation: [user('a'), assistant('b')], learned: ['assistant'] }] as Document[],
    ],
    [
      'prompt and completion as text',
      { prompt: 'a', completion: 'b' },
      [
        {
          pieces: [
            { text: 'a', learned: false },
            { text: 'b', learned: true },
          ],
        },
      ],
    ],
    [
      'prompt and completion as messages',
      { prompt: [user('a')], completion: [assistant('b')] },
      [{ messages: [user('a')], answer: 'b' }] as Document[],
    ],
    [
      'Alpaca',
      { instruction: 'Add.', input: '1 1', output: '2' },
      [{ messages: [user('Add.\n\n1 1')], answer: '2' }] as Document[],
    ],
    [
      'segments',
      {
        segments: [
          { text: 'a', label: false },
          { text: 'b', label: true },
        ],
      },
      [
        {
          pieces: [
            { text: 'a', learned: false },
            { text: 'b', learned: true },
          ],
        },
      ],
    ],
    ['text', { text: 'a' }, [{ pieces: [{ text: 'a', learned: true }] }]],
  ])('%s', async (_, row, documents) => {
    const format = chooseRowFormat({}, await dataset(row));
    expect(readDocuments(row, format, 'Row 1', await createRenderer(format))).toEqual(documents);
  });

  it('a named field is read as what it holds', async () => {
    const row = { body: 'a', chat: [user('a'), assistant('b')], parts: [{ text: 'a', label: true }] };
    const data = await dataset(row);
    expect(chooseRowFormat({ field: 'body' }, data)).toEqual({ kind: 'completion', column: 'body' });
    expect(chooseRowFormat({ field: 'chat' }, data)).toEqual({ kind: 'messages', column: 'chat' });
    expect(chooseRowFormat({ field: 'parts' }, data)).toEqual({ kind: 'input_output', column: 'parts' });
    expect(() => chooseRowFormat({ field: 'bdoy' }, data)).toThrow(/no column "bdoy".*Did you mean "body"\?/);
  });

  it('a row of another shape is named with what was expected and what was there', async () => {
    const render = await createRenderer({ kind: 'messages', column: 'text' });
    expect(() =>
      readDocuments({ text: 'hi' }, { kind: 'messages', column: 'text' }, 'Row 7 of "data"', render),
    ).toThrow(/^Row 7 of "data" cannot be learned from: a list of .* was expected in column "text", not "hi"\./);
  });

  it('names the shapes that would do when the columns show none', async () => {
    const data = await dataset({ question: 'a', label: 'b' });
    expect(() => chooseRowFormat({}, data)).toThrow(
      /The columns of "data" \(question, label\) do not show what to learn/,
    );
    expect(() => chooseRowFormat({ type: 'alpaca' }, data)).toThrow(
      /no column "instruction", which type: alpaca needs/,
    );
  });
});

describe('with a prompt', () => {
  it('the target is the column called like the prompt, or the only one left', async () => {
    const row = { text: 'daily', cron: '0 0 * * *', frame: 'x' };
    expect(chooseRowFormat({}, await dataset(row), cron)).toMatchObject({ target: 'cron' });
    expect(chooseRowFormat({}, await dataset({ text: 'a', answer: 'b' }), cron)).toMatchObject({ target: 'answer' });
    expect(chooseRowFormat({ target: 'frame' }, await dataset(row), cron)).toMatchObject({ target: 'frame' });
  });

  it('says which columns could be the target, and which column an input lacks', async () => {
    const unclear = await dataset({ text: 'a', x: 'b', y: 'c' });
    expect(() => chooseRowFormat({}, unclear, cron)).toThrow(/Add "target:" with one of: x, y/);
    const renamed = await dataset({ txt: 'a', cron: 'b' });
    expect(() => chooseRowFormat({}, renamed, cron)).toThrow(
      'Data set "data" has no column "text", which prompt "cron" needs. Did you mean "txt"?',
    );
    expect(() => chooseRowFormat({ target: 'corn' }, unclear, cron)).toThrow(
      /no column "corn", which the target needs/,
    );
  });

  it('renders each row; an empty answer names its row', async () => {
    const format = chooseRowFormat({}, await dataset({ text: 'a', cron: 5 }), cron);
    const render = await createRenderer(format);
    expect(readDocuments({ text: 'daily', cron: 5 }, format, 'Row 1', render)).toEqual([
      { messages: [user('daily')], answer: '5' },
    ]);
    expect(() => readDocuments({ text: 'daily', cron: null }, format, 'Row 3 of "data"', render)).toThrow(
      'Row 3 of "data" has no "cron", the answer to learn.',
    );
  });

  it('a row that lacks what the prompt asks for is named', async () => {
    const format = chooseRowFormat({}, await dataset({ text: 'a', cron: 5 }), cron);
    const render = await createRenderer(format);
    expect(() => readDocuments({ text: null, cron: 5 }, format, 'Row 2 of "data"', render)).toThrow(
      /^Row 2 of "data" does not fit the prompt\. .*"text"/,
    );
  });
});

async function dataset(row: Row): Promise<Dataset> {
  return createDataset('data', await toTable([row], Object.keys(row)));
}
