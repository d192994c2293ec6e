import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { DataCard } from '../../../../magics/dataset/card/card.ts';
import { git } from '../../governance/repository-fixture.ts';
import { startWith } from '../prepare/dataset-fixture.ts';

const rows = Array.from({ length: 40 }, (_, i) => ({
  text: `Question ${i} of someone${i}@example.com about something`,
  label: ['card', 'fee'][i % 4 === 0 ? 1 : 0],
  score: i,
  urgent: i % 2 === 0,
}));

const nested = Array.from({ length: 5 }, (_, i) => ({
  messages: [
    { role: 'user', content: `Question ${i}` },
    { role: 'assistant', content: 'Answer' },
  ],
  tags: i % 2 === 0 ? ['a', 'b'] : [],
  place: { city: 'Porto', zip: 4000 + i },
  odd: { 'a "b"; c': true },
}));

const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');

describe('%dataset card', () => {
  it('tells what the records and rows say, each statement with evidence that can be looked up', async () => {
    const { run, folder } = await startWith(rows);
    await run('load', { file: 'rows.jsonl', license: 'cc-by-4.0' });
    await run('redact', { data: 'rows', as: 'clean' });
    await run('check', { data: 'clean', unique: 'text' });
    const { markdown } = await run<DataCard>('card', { data: 'clean' });
    const frontMatter = parse(markdown.split('---\n')[1]!);
    expect(frontMatter).toMatchObject({
      license: 'cc-by-4.0',
      pretty_name: 'clean',
      size_categories: ['n<1K'],
      task_categories: ['text-classification'],
      dataset_info: {
        features: [
          { name: 'text', dtype: 'string' },
          { name: 'label', dtype: 'string' },
          { name: 'score', dtype: 'float64' },
          { name: 'urgent', dtype: 'bool' },
        ],
        splits: [{ name: 'train', num_examples: 40 }],
      },
    });
    expect(markdown).toContain('labels; most frequent card (30), rarest fee (10)');
    expect(markdown).toMatch(/- Met: "text" is unique \(all different\)\. \[1\]/);
    expect(markdown).toMatch(/- What was found was replaced by masks in clean\. \[1\]/);
    expect(markdown).toContain('- None was found in a sample of the rows.');
    const cited = [...markdown.matchAll(/evidence:(llmops\/\S+)@sha256:([0-9a-f]{64})/g)];
    expect(cited.map(([, file]) => file)).toEqual(['llmops/datasets/clean.json', 'llmops/datasets/rows.json']);
    for (const [, file, digest] of cited) expect(sha256(readFileSync(path.join(folder, file!)))).toBe(digest);
    for (const line of markdown.split('\n').filter((l) => l.startsWith('- '))) expect(line).toMatch(/\[\d\]$/);
  });

  it('says what is not known, and what personal data is left', async () => {
    const { run } = await startWith(rows);
    const { markdown } = await run<DataCard>('card', { data: 'rows' });
    expect(markdown).toContain('without a stated licence');
    expect(markdown).toContain('It was held against no rules.');
    expect(markdown).toContain('`text` holds EMAIL_ADDRESS (40) in 40 of 40 rows looked at.');
  });

  it('writes a folder that the hub takes, twice, and Croissant with the digest of the file', async () => {
    const { run, folder } = await startWith(rows);
    const { croissant } = await run<DataCard>('card', { data: 'rows', out: 'cards' });
    await run<DataCard>('card', { data: 'rows', out: 'cards' });
    const file = readFileSync(path.join(folder, 'cards/rows.jsonl'));
    const written = JSON.parse(readFileSync(path.join(folder, 'cards/croissant.json'), 'utf8'));
    expect(written).toEqual(croissant);
    expect(written.distribution[0]).toMatchObject({ contentUrl: 'rows.jsonl', sha256: sha256(file) });
    expect(written.recordSet[0].field.map((f: { dataType: string }) => f.dataType)).toEqual([
      'sc:Text',
      'sc:Text',
      'sc:Float',
      'sc:Boolean',
    ]);
    expect(git(folder, 'status', '--porcelain', '--', 'llmops')).toBe('');
  });

  it('describes lists and objects to Croissant by their parts', async () => {
    const { run, folder } = await startWith(nested);
    await run<DataCard>('card', { data: 'rows', out: 'cards' });
    const written = JSON.parse(readFileSync(path.join(folder, 'cards/croissant.json'), 'utf8'));
    const [messages, tags, place, odd] = written.recordSet[0].field;
    const source = (column: string) => ({ fileObject: { '@id': 'rows.jsonl' }, extract: { column } });
    expect(messages).toMatchObject({ '@id': 'rows/messages', repeated: true });
    expect(messages.dataType).toBeUndefined();
    expect(messages.subField).toMatchObject([
      {
        '@id': 'rows/messages/role',
        dataType: 'sc:Text',
        source: { ...source('messages'), transform: { jsonPath: '"role"' } },
      },
      { '@id': 'rows/messages/content', dataType: 'sc:Text' },
    ]);
    expect(tags).toMatchObject({ repeated: true, dataType: 'sc:Text', source: source('tags') });
    expect(place.subField.map((field: { dataType: string }) => field.dataType)).toEqual(['sc:Text', 'sc:Float']);
    expect(odd.subField[0]).toMatchObject({ name: 'a "b"; c', dataType: 'sc:Boolean' });
  });

  it('refuses a name without a record', async () => {
    const { run } = await startWith(rows);
    await expect(run('card', { data: 'row' })).rejects.toThrow('Did you mean "rows"?');
  });
});
