import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { table, toArrowIPC } from 'arquero';
import { expect, it, vi } from 'vitest';
import { literal, withDatabase } from '../../../magics/dataset/large/database.ts';
import { isLargeRows } from '../../../magics/dataset/large/large-rows.ts';
import { openSource } from '../../../magics/dataset/sources/open-source.ts';
import { readHead } from '../../../magics/dataset/sources/read-head.ts';
import { createHubServer } from '../engine/hub/hub-server.ts';
import { makeFolder } from '../governance/repository-fixture.ts';

async function rowsOf(source: string, folder: string) {
  const { rows } = await openSource(source, { folder });
  return isLargeRows(rows) ? [] : rows.objects();
}

it('reads files that match a glob in order, and the texts of a folder', async () => {
  const folder = makeFolder();
  mkdirSync(path.join(folder, 'data', 'more'), { recursive: true });
  writeFileSync(path.join(folder, 'data', 'b.jsonl'), '{"a":2,"c":true}\n');
  writeFileSync(path.join(folder, 'data', 'a.jsonl'), '{"a":1}\n');
  writeFileSync(path.join(folder, 'data', 'more', 'z.txt'), 'hello');
  expect(await rowsOf('data/*.jsonl', folder)).toEqual([
    { a: 1, c: null },
    { a: 2, c: true },
  ]);
  expect(await rowsOf('data/more', folder)).toEqual([{ file: 'data/more/z.txt', text: 'hello' }]);
  await expect(rowsOf('data/*.csv', folder)).rejects.toThrow('No file matches data/*.csv');
});

it('reads text that zstd compressed', async () => {
  const folder = makeFolder();
  const file = path.join(folder, 'a.csv.zst');
  await withDatabase((database) =>
    database.run(`COPY (SELECT 1 AS a, 'x, y' AS b) TO ${literal(file)} (FORMAT csv, COMPRESSION zstd)`),
  );
  expect(await rowsOf('a.csv.zst', folder)).toEqual([{ a: 1, b: 'x, y' }]);
});

it('downloads an address, goes on after a broken connection, and fetches what is unchanged only once', async () => {
  const body = Buffer.from(`a\n${'1\n'.repeat(50_000)}`);
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.headers.range ?? (request.headers['if-none-match'] ? 'unchanged?' : 'whole'));
    const start = Number(/bytes=(\d+)/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (request.headers['if-none-match'] === '"v1"') return response.writeHead(304).end();
    response.writeHead(start > 0 ? 206 : 200, { etag: '"v1"', 'content-length': body.length - start });
    if (requests.length > 1) return response.end(body.subarray(start));
    return response.write(body.subarray(0, 40_000), () => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const folder = makeFolder();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/rows.csv`;
    expect(await rowsOf(url, folder)).toHaveLength(50_000);
    expect(await rowsOf(url, folder)).toHaveLength(50_000);
    expect(requests.at(0)).toBe('whole');
    expect(requests.at(-1)).toBe('unchanged?');
  } finally {
    server.close();
  }
});

it('reads Arrow files as files and as streams, and says when one is damaged', async () => {
  const folder = makeFolder();
  const rows = { id: [1, 2, 3], text: ['a', 'ü', null], score: [0.5, null, -1] };
  for (const format of ['file', 'stream'] as const) {
    const bytes = toArrowIPC(table(rows), { format })!;
    writeFileSync(path.join(folder, `${format}.arrow`), bytes);
    expect(await rowsOf(`${format}.arrow`, folder)).toEqual([
      { id: 1, text: 'a', score: 0.5 },
      { id: 2, text: 'ü', score: null },
      { id: 3, text: null, score: -1 },
    ]);
    writeFileSync(path.join(folder, 'cut.arrow'), bytes.subarray(0, bytes.length >> 1));
    await expect(rowsOf('cut.arrow', folder)).rejects.toThrow('cut.arrow cannot be read as Arrow');
  }
});

it('reads the files of a data set on the hub, in its folders too', async () => {
  const hub = await createHubServer();
  vi.stubEnv('HF_ENDPOINT', hub.endpoint);
  vi.stubEnv('HF_HOME', makeFolder());
  try {
    const files = {
      'README.md': '# Texts',
      'data/a.jsonl': '{"n":1}\n',
      'data/b.jsonl': '{"n":2}\n',
      'x.csv': 'n\n3\n',
    };
    const commit = 'c'.repeat(40);
    const contents = new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]));
    hub.repositories.set('some/texts', { commit, files: contents });
    const folder = makeFolder();
    expect(await rowsOf('hf://datasets/some/texts/data/*.jsonl', folder)).toEqual([{ n: 1 }, { n: 2 }]);
    expect(await rowsOf(`hf://datasets/some/texts@${commit}/data/b.jsonl`, folder)).toEqual([{ n: 2 }]);
    expect(await rowsOf('hf://datasets/some/texts/x.csv', folder)).toEqual([{ n: 3 }]);
    await expect(rowsOf('hf://datasets/some/texts/data/c.jsonl', folder)).rejects.toThrow('data/c.jsonl');
  } finally {
    vi.unstubAllEnvs();
    await hub.close();
  }
});

it('reads the first rows of a file that is too large for memory, up to one that is cut', async () => {
  const folder = makeFolder();
  const line = `1,${'x'.repeat(97)}\n`;
  const rows = Buffer.from(line.repeat(10_000));
  writeFileSync(path.join(folder, 'large.csv'), Buffer.concat([Buffer.from('n,text\n'), ...Array(210).fill(rows)]));
  const head = await readHead('large.csv', folder);
  expect(head!.numRows()).toBe(Math.floor((2_000_000 - 7) / line.length));
  expect(head!.columns.map(({ name, type }) => [name, type])).toEqual([
    ['n', 'number'],
    ['text', 'string'],
  ]);
  writeFileSync(path.join(folder, 'small.csv'), `n,text\n${line}`);
  expect(await readHead('small.csv', folder)).toBeUndefined();
  expect(await readHead('none.csv', folder)).toBeUndefined();
});
