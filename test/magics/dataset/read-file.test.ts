import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { digestTable } from '../../../magics/dataset/canonical.ts';
import { createDataset } from '../../../magics/dataset/dataset.ts';
import { type ReadOptions, readDataFile } from '../../../magics/dataset/read-file.ts';
import { makeFolder } from '../governance/repository-fixture.ts';

async function read(name: string, content: string | Buffer, options?: ReadOptions) {
  const folder = makeFolder();
  writeFileSync(path.join(folder, name), content);
  return readDataFile(name, folder, options);
}

async function rows(name: string, content: string | Buffer, options?: ReadOptions) {
  return (await read(name, content, options)).table.objects();
}

async function problem(name: string, content: string | Buffer, options?: ReadOptions): Promise<string> {
  const error: unknown = await read(name, content, options).catch((e: unknown) => e);
  expect(error).toMatchObject({ name: 'UserError' });
  return (error as Error).message;
}

describe('CSV', () => {
  it('reads quotes, doubled quotes, quoted line breaks, CRLF and a byte order mark', async () => {
    const text = '\uFEFFtext,label\r\n"a ""b"", c",x\r\n"two\r\nlines",y\r\nplain,z\r\n';
    expect(await rows('a.csv', text)).toEqual([
      { text: 'a "b", c', label: 'x' },
      { text: 'two\r\nlines', label: 'y' },
      { text: 'plain', label: 'z' },
    ]);
  });

  it('types columns of numbers and truth values, and tells missing from empty', async () => {
    const text = 'n,f,b,s,zip\n1,0.5,true,,007\n-2,1e3,FALSE,"",123\n,,,x,456\n';
    expect(await rows('a.csv', text)).toEqual([
      { n: 1, f: 0.5, b: true, s: null, zip: '007' },
      { n: -2, f: 1000, b: false, s: '', zip: '123' },
      { n: null, f: null, b: null, s: 'x', zip: '456' },
    ]);
  });

  it('keeps integers that JavaScript cannot hold, and the columns asked for, as text', async () => {
    const text = 'id,phone\n9007199254740993,491701234\n1,491709999\n';
    expect(await rows('a.csv', text, { strings: ['phone'] })).toEqual([
      { id: '9007199254740993', phone: '491701234' },
      { id: '1', phone: '491709999' },
    ]);
  });

  it('finds semicolons, tabs and bars as separators', async () => {
    for (const separator of [';', '\t', '|']) {
      expect(await rows('a.csv', `a${separator}b\n1,5${separator}x\n`)).toEqual([{ a: '1,5', b: 'x' }]);
    }
    expect(await rows('a.tsv', 'a\tb\n"x\ty"\t2\n')).toEqual([{ a: 'x\ty', b: 2 }]);
  });

  it('names columns without a name, and passes over blank lines', async () => {
    expect(await rows('a.csv', ',text\n0,x\n\n1,y\n')).toEqual([
      { column_1: 0, text: 'x' },
      { column_1: 1, text: 'y' },
    ]);
  });

  it.each([
    ['a,b\n1,2\n3\n', 'a.csv, line 3: the header has 2 columns, this row has 1'],
    ['a,b\n"x\ny",2\n1,2,3\n', 'a.csv, line 4: the header has 2 columns, this row has 3'],
    ['a,b\n1,"open\n2,3\n', 'a.csv, line 2: a quote is opened and never closed'],
    ['a,b\n"x"y,2\n', 'a.csv, line 2: text follows a closing quote'],
    ['id,text,id\n1,2,3\n', 'the header names "id" more than once (columns 1 and 3)'],
    ['a,b\n', 'a.csv holds no rows'],
    ['', 'a.csv holds no rows'],
  ])('says what is wrong and where: %j', async (text, message) => {
    expect(await problem('a.csv', text)).toContain(message);
  });

  it('shows the offending text and what to do', async () => {
    const message = await problem('a.csv', 'a,b\n1,2\nbroken row\n');
    expect(message).toContain('\n  broken row\n');
    expect(message).toContain('--skip-malformed');
  });

  it('skips malformed rows when asked, counts them and goes on after an open quote', async () => {
    const { table, skipped } = await read('a.csv', 'a,b\n1,2\n3\n4,"open\n5,6\n', { skipMalformed: true });
    expect(table.objects()).toEqual([
      { a: 1, b: 2 },
      { a: 5, b: 6 },
    ]);
    expect(skipped.map((s) => s.line)).toEqual([3, 4]);
  });
});

describe('JSON', () => {
  it('reads JSON Lines, with keys that rows lack as missing', async () => {
    expect(await rows('a.jsonl', '{"a":1,"b":"x"}\r\n\n{"b":"y","c":[1]}\n')).toEqual([
      { a: 1, b: 'x', c: null },
      { a: null, b: 'y', c: [1] },
    ]);
  });

  it('passes rows in the shape that trainers use through, with their type', async () => {
    const row = { messages: [{ role: 'user', content: 'Hi' }], chosen: 'a' };
    const { table } = await read('a.ndjson', `${JSON.stringify(row)}\n`);
    expect(table.objects()).toEqual([row]);
    expect(createDataset('a', table).columns).toEqual([
      { name: 'messages', type: '{ role: string; content: string }[]' },
      { name: 'chosen', type: 'string' },
    ]);
  });

  it('reads an array, and JSON Lines under the name of JSON and the other way round', async () => {
    const expected = [{ a: 1 }, { a: 2 }];
    expect(await rows('a.json', '[{"a":1},\n{"a":2}]')).toEqual(expected);
    expect(await rows('a.json', '{"a":1}\n{"a":2}\n')).toEqual(expected);
    expect(await rows('a.jsonl', '[{"a":1},{"a":2}]')).toEqual(expected);
    expect(await rows('a.csv', '{"a":1}\n{"a":2}\n')).toEqual(expected);
  });

  it.each([
    ['a.jsonl', '{"a":1}\n{"a":2,}\n', 'a.jsonl, line 2: not valid JSON'],
    ['a.jsonl', '{"a":1}\n[1]\n', 'a.jsonl, line 2: the line is not a JSON object'],
    ['a.json', '[{"a":1},\n{"a" 2}]', 'a.json, line 2: not valid JSON'],
    ['a.json', '[{"a":1}, 3]', 'item 2 of the array is not an object'],
    ['a.json', '{"a":1}', 'holds one JSON object, not an array of objects'],
    ['a.json', '[]', 'holds no rows'],
  ])('says what is wrong and where: %s %j', async (name, text, message) => {
    expect(await problem(name, text)).toContain(message);
  });
});

describe('one digest', () => {
  const json = [
    { text: 'every day, at noon', n: 1, ok: true },
    { text: 'say "hi"\nthere', n: null, ok: false },
  ];

  it('is the same for equal rows from CSV, JSON Lines, JSON, Parquet and gzip, whatever the order of columns', async () => {
    const csv = 'ok,n,text\ntrue,1,"every day, at noon"\nfalse,,"say ""hi""\nthere"\n';
    const lines = json.map((row) => JSON.stringify(row)).join('\n');
    const files: [string, string | Buffer][] = [
      ['a.csv', csv],
      ['a.jsonl', lines],
      ['a.json', JSON.stringify(json)],
      ['a.jsonl.gz', gzipSync(lines)],
      [
        'a.parquet',
        await parquet(
          `SELECT * FROM (VALUES ('every day, at noon', 1::BIGINT, true), ('say "hi"' || chr(10) || 'there', NULL, false)) t(text, n, ok)`,
        ),
      ],
    ];
    const digests = await Promise.all(
      files.map(async ([name, content]) => digestTable((await read(name, content)).table)),
    );
    expect(new Set(digests).size).toBe(1);
    const changed = await read('a.jsonl', lines.replace('noon', 'Noon'));
    expect(digestTable(changed.table)).not.toBe(digests[0]);
  });
});

describe('Parquet', () => {
  it('reads lists, structures, dates, big integers and missing values as JSON would hold them', async () => {
    const file = await parquet(
      "SELECT [1, 2] AS list, {role: 'user', n: 2::BIGINT} AS turn, TIMESTAMP '2026-01-02 03:04:05' AS at, DATE '2026-01-02' AS day, 9007199254740993::BIGINT AS big, 1.5::DECIMAL(4,2) AS price, NULL::INTEGER AS none",
    );
    expect(await rows('a.parquet', file)).toEqual([
      {
        list: [1, 2],
        turn: { role: 'user', n: 2 },
        at: '2026-01-02T03:04:05.000Z',
        day: '2026-01-02',
        big: '9007199254740993',
        price: 1.5,
        none: null,
      },
    ]);
  });

  it('is known by its first bytes, and refused when it is damaged', async () => {
    const file = await parquet('SELECT 1 AS a');
    expect(await rows('a.csv', file)).toEqual([{ a: 1 }]);
    expect(await problem('a.parquet', file.subarray(0, 40))).toContain('cannot be read as Parquet');
  });
});

describe('files', () => {
  it('names the nearest file when one is missing, or what lies there', async () => {
    const folder = makeFolder();
    mkdirSync(path.join(folder, 'data'));
    writeFileSync(path.join(folder, 'data', 'tickets.csv'), 'a\n1\n');
    const message = (file: string) => readDataFile(file, folder).catch((e: Error) => e.message);
    expect(await message('data/tikets.csv')).toBe('data/tikets.csv does not exist. Did you mean "tickets.csv"?');
    expect(await message('data/x.csv')).toContain('Data files in data: tickets.csv');
    expect(await message('dta/tickets.csv')).toContain('there is no folder "dta"');
    expect(await message('data')).toBe('data is a folder. Name one of its files: tickets.csv.');
  });

  it('names the formats when the extension says nothing, and takes --format', async () => {
    expect(await problem('a.xlsx', 'a,b\n1,2\n')).toContain(
      'ends in ".xlsx", which is not a known format. Known: .csv',
    );
    expect(await rows('a.txt', 'a,b\n1,2\n', { format: 'csv' })).toEqual([{ a: 1, b: 2 }]);
  });

  it('names the line that is not UTF-8, and a damaged gzip file', async () => {
    expect(await problem('a.csv', Buffer.from('a,b\n1,2\ncaf\xe9,3\n', 'latin1'))).toContain(
      'a.csv, line 3: not UTF-8',
    );
    const zipped = gzipSync('a,b\n1,2\n');
    expect(await problem('a.csv.gz', zipped.subarray(0, zipped.length - 6))).toContain('gzipped, but damaged');
  });

  it('reads UTF-16 with a byte order mark, as spreadsheets write it', async () => {
    expect(await rows('a.csv', Buffer.from('\uFEFFa\tb\nä\t2\n', 'utf16le'))).toEqual([{ a: 'ä', b: 2 }]);
  });
});

/** A Parquet file of a query's result. */
async function parquet(query: string): Promise<Buffer> {
  const file = path.join(makeFolder(), 'rows.parquet');
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  await connection.run(`COPY (${query}) TO '${file}' (FORMAT parquet)`);
  connection.closeSync();
  database.closeSync();
  return readFileSync(file);
}
