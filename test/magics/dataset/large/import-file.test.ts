import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { digestTable } from '../../../../magics/dataset/canonical.ts';
import { createDataset } from '../../../../magics/dataset/dataset.ts';
import { type ImportedFile, importFiles } from '../../../../magics/dataset/large/import-file.ts';
import { readDataFile } from '../../../../magics/dataset/read-file.ts';
import { makeFolder } from '../../governance/repository-fixture.ts';

/** The same file read in memory and imported. */
async function both(name: string, content: string | Buffer, options: Partial<ImportedFile> = {}) {
  const folder = makeFolder();
  writeFileSync(path.join(folder, name), content);
  const { table, skipped, format } = await readDataFile(name, folder, options);
  const file = { path: path.join(folder, name), name, format: format as ImportedFile['format'], ...options };
  const imported = await importFiles([file], path.join(folder, 'rows.parquet'));
  return { table, skipped, imported };
}

describe('a file imported through DuckDB', () => {
  it.each([
    ['a.csv', 'n,f,b,s,zip\n1,0.5,true,,007\n-2,1e3,FALSE,"",123\n,,,"x ""y""\nz",456\n'],
    ['a.csv', 'id,phone\r\n9007199254740993,491701234\r\n1,491709999\r\n'],
    ['a.csv', '\uFEFFa;b\n1,5;x\n\n2;"y;z"\n'],
    ['a.tsv', 'a\tb\n"x\ty"\t2\n'],
    ['a.csv', 'only\n1\n\n2\n'],
    ['a.csv', '\n\na,b\n1,2\n'],
    ['a.jsonl', '{"a":1,"day":"2026-01-02"}\r\n\n{"a":2.5,"day":"x","more":true}\n'],
    [
      'a.jsonl',
      '{"tags":["a","b"],"turn":{"role":"user","content":"/ \\"q\\""}}\n{"tags":[],"turn":{"role":"x","content":"y"}}\n',
    ],
    ['a.json', '[{"a":1},{"a":2}]'],
  ])('has the rows, the digest and the column types of the table in memory: %s %j', async (name, text) => {
    const { table, imported } = await both(name, text);
    expect(imported.rowCount).toBe(table.numRows());
    expect(imported.digest).toBe(digestTable(table));
    expect(imported.columns).toEqual(createDataset('x', table).columns);
    const zipped = await both(`${name}.gz`, gzipSync(text));
    expect(zipped.imported.digest).toBe(imported.digest);
  });

  it.each([
    ['a.csv', 'a,b\n1,2\n3\n4,"open\n5,6\n7,8\n', [3, 4]],
    ['a.jsonl', '{"a":1}\n[1]\n{"a":2\n\n{"a":3}\n', [2, 3]],
  ])('skips malformed rows when asked, and names their lines: %s', async (name, text, lines) => {
    const { table, imported } = await both(name, text, { skipMalformed: true });
    expect(imported.skipped.map(({ line }) => line)).toEqual(lines);
    expect(imported.digest).toBe(digestTable(table));
  });

  it('says where the first malformed row is', async () => {
    const folder = makeFolder();
    const file = path.join(folder, 'a.csv');
    writeFileSync(file, 'a,b\n1,2\n3\n');
    const imported = importFiles([{ path: file, name: 'a.csv', format: 'csv' }], path.join(folder, 'rows.parquet'));
    await expect(imported).rejects.toThrow('a.csv, line 3: the header has 2 columns, this row has 1');
  });
});
