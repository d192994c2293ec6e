import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { typeSymbol } from '../../../magics/context.ts';
import { createDataset } from '../../../magics/dataset/dataset.ts';
import { recordDataset } from '../../../magics/dataset/record.ts';
import { resolveDataset } from '../../../magics/dataset/resolve.ts';
import { toTable } from '../../../magics/dataset/table.ts';
import { git, makeFolder, makeRepository } from '../governance/repository-fixture.ts';

const rows = [
  { text: 'every day at noon', cron: '0 12 * * *', weight: 1 },
  { text: 'hourly', cron: null, weight: 2 },
];
const lineage = { inputs: [], recipe: [{ verb: 'load', options: { file: 'a.jsonl' } }] };

describe('recordDataset', () => {
  it('commits a record that resolves to the same rows, types and digest', async () => {
    const folder = makeRepository();
    const table = await toTable(rows, ['text', 'cron', 'weight']);
    const { dataset, unchanged } = await recordDataset({ name: 'schedules', table, ...lineage }, { folder });
    expect(unchanged).toBe(false);
    expect(dataset.commit).toBe(git(folder, 'rev-parse', 'HEAD'));
    expect(JSON.parse(git(folder, 'show', 'HEAD:llmops/datasets/schedules.json'))).toMatchObject({
      rows: 2,
      digest: dataset.digest,
      object: { oid: dataset.digest },
    });
    const read = await resolveDataset('schedules', folder);
    expect(read.rows()).toEqual(rows);
    expect(read).toMatchObject({ digest: dataset.digest, commit: dataset.commit, columns: dataset.columns });
    expect(createDataset('again', read.table).digest).toBe(dataset.digest);
    expect(Reflect.get(read, typeSymbol)).toBe(
      "import('llmops').Dataset<{ text: string; cron: string | null; weight: number }>",
    );
  });

  it('makes no second commit for identical data, and one for data that differs', async () => {
    const folder = makeRepository();
    const table = await toTable(rows, ['text', 'cron', 'weight']);
    const first = await recordDataset({ name: 'schedules', table, ...lineage }, { folder });
    const again = await recordDataset({ name: 'schedules', table, ...lineage }, { folder });
    expect(again).toMatchObject({ unchanged: true, dataset: { commit: first.dataset.commit } });
    expect(git(folder, 'rev-list', '--count', 'HEAD')).toBe('2');
    await recordDataset({ name: 'schedules', table: await toTable(rows.slice(1), ['text']), ...lineage }, { folder });
    expect(git(folder, 'rev-list', '--count', 'HEAD')).toBe('3');
  });

  it('gives the data set unrecorded outside a git repository, and says why', async () => {
    const result = await recordDataset(
      { name: 'schedules', table: await toTable(rows, ['text']), ...lineage },
      { folder: makeFolder() },
    );
    expect(result.dataset.commit).toBeUndefined();
    expect(result.notRecorded).toContain('%llmops init');
  });

  it('refuses a name that cannot be a record', async () => {
    await expect(
      recordDataset({ name: 'a b', table: await toTable(rows, ['text']), ...lineage }, { folder: '.' }),
    ).rejects.toThrow('"a b" cannot name');
  });
});

describe('resolveDataset', () => {
  it('takes a handle as it is, and a file by its path', async () => {
    const folder = makeFolder();
    writeFileSync(path.join(folder, 'a.jsonl'), '{"text":"hourly"}\n');
    const dataset = await resolveDataset('a.jsonl', folder);
    expect(dataset).toMatchObject({ name: 'a', rowCount: 1 });
    expect(await resolveDataset(dataset, folder)).toBe(dataset);
  });

  it('names the nearest data set, or how to make one', async () => {
    const folder = makeRepository();
    await expect(resolveDataset('tikets', folder)).rejects.toThrow('Load one with: %dataset load FILE --as tikets');
    await recordDataset({ name: 'tickets', table: await toTable(rows, ['text']), ...lineage }, { folder });
    await expect(resolveDataset('tikets', folder)).rejects.toThrow(
      'Data set "tikets" does not exist. Did you mean "tickets"?',
    );
    await expect(resolveDataset('tickets', makeFolder())).rejects.toThrow('pass the variable ($');
  });
});
