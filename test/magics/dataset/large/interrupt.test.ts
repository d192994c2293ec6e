import { readdirSync, watch, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { importFiles } from '../../../../magics/dataset/large/import-file.ts';
import { makeFolder } from '../../governance/repository-fixture.ts';

const rows = 300_000;

/** An import of many rows into a folder of its own; `broken`: one row of them is malformed, so that JavaScript goes through them. */
function startImport(broken: boolean) {
  const folder = makeFolder();
  const name = 'rows.csv';
  const lines = Array.from({ length: rows }, (_, i) => `${i},text ${(i * 7919) % 10_007}`);
  if (broken) lines[rows - 5] = 'only one field';
  writeFileSync(path.join(folder, name), `n,text\n${lines.join('\n')}\n`);
  const cache = makeFolder();
  const file = { path: path.join(folder, name), name, format: 'csv', skipMalformed: true } as const;
  const run = (signal?: AbortSignal) => importFiles([file], path.join(cache, 'rows.parquet'), { signal });
  return { cache, run };
}

it('an interrupted import leaves nothing half written, and the next one gives all rows', async () => {
  const { cache, run } = startImport(false);
  const controller = new AbortController();
  const watcher = watch(cache, (_, name) => {
    if (name?.endsWith('.partial')) controller.abort();
  });
  await expect(run(controller.signal)).rejects.toThrow('aborted');
  watcher.close();
  expect(readdirSync(cache)).toEqual([]);
  expect((await run()).rowCount).toBe(rows);
  expect(readdirSync(cache)).toEqual(['rows.parquet']);
});

it('so does one that is interrupted as soon as it works on its files', async () => {
  const { cache, run } = startImport(true);
  const controller = new AbortController();
  const watcher = watch(os.tmpdir(), (_, name) => {
    if (name?.startsWith('llmops-data-')) controller.abort();
  });
  await expect(run(controller.signal)).rejects.toThrow('aborted');
  watcher.close();
  expect(readdirSync(cache)).toEqual([]);
  const { rowCount, skipped } = await run();
  expect([rowCount, skipped.length]).toEqual([rows - 1, 1]);
});
