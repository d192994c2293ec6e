import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { csvRecords } from '../../../magics/dataset/formats/csv-records.ts';
import { type ImportedFile, importFiles } from '../../../magics/dataset/large/import-file.ts';
import { createRandom } from '../../../magics/dataset/random.ts';
import { readDataFile } from '../../../magics/dataset/read-file.ts';
import { isUserError } from '../../../magics/errors.ts';
import { makeFolder } from '../governance/repository-fixture.ts';
import { csv, damage, jsonLines, mutate } from './fuzz/mutate.ts';
import { wholeArrow, wholeParquet, wholeZstd } from './fuzz/whole-files.ts';

const isSoak = process.env.LLMOPS_SOAK !== undefined;
/** Damaged files of each kind, 50,000 in all; DuckDB reads some of them, which takes longer. */
const texts = isSoak ? 17_000 : 300;
const binaries = isSoak ? 4000 : 30;
const zipped = isSoak ? 1500 : 15;
const imports = isSoak ? 1000 : 12;

/** Rows that came out and rows that were reported. */
interface Counted {
  readonly rows: number;
  readonly skipped: number;
}

/** What a reader makes of a file; undefined when an error for people refuses it. Anything else that is thrown fails the test. */
async function tried(file: string, read: () => Promise<Counted>): Promise<Counted | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!isUserError(error)) throw error;
    expect(error.message).toContain(file);
    return undefined;
  }
}

function inMemory(folder: string, file: string): Promise<Counted | undefined> {
  return tried(file, async () => {
    const { table, skipped } = await readDataFile(file, folder, { skipMalformed: true });
    return { rows: table.numRows(), skipped: skipped.length };
  });
}

function onDisk(folder: string, name: string, format: ImportedFile['format']): Promise<Counted | undefined> {
  return tried(name, async () => {
    const file = { path: path.join(folder, name), name, format, skipMalformed: true };
    const { rowCount, skipped } = await importFiles([file], path.join(folder, 'rows.parquet'));
    return { rows: rowCount, skipped: skipped.length };
  });
}

/** Rows that a CSV text holds, readable or not, without the header; undefined for one that is no CSV. */
function csvRows(text: string): number | undefined {
  const clean = text.replace(/^\uFEFF/, '');
  if (/^\{\s*"/.test(clean.trimStart())) return undefined;
  const records = [...csvRecords(clean, ',')];
  return records.filter(({ start, end }) => clean.slice(start, end).replaceAll(/[\r\n]/g, '') !== '').length - 1;
}

/** Lines that hold something; undefined for a text that is one JSON array. */
function jsonRows(text: string): number | undefined {
  if (/^\s*\[/.test(text)) return undefined;
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  return lines.filter((line) => line.trim() !== '').length;
}

/** Every file that gives a table accounts for all of its rows; a good share of the files do. */
async function expectNoLoss(
  files: number,
  random: () => number,
  text: string,
  rowsOf: (text: string) => number | undefined,
  read: (text: string) => Promise<Counted | undefined>,
): Promise<void> {
  let tables = 0;
  for (let i = 0; i < files; i++) {
    const damaged = mutate(text, random);
    const result = await read(damaged);
    if (result === undefined) continue;
    tables++;
    const rows = rowsOf(damaged);
    if (rows !== undefined) expect(result.rows + result.skipped, JSON.stringify(damaged)).toBe(rows);
  }
  expect(tables).toBeGreaterThan(files / 3);
}

describe('damaged files give a table or an error for people, and no row is lost in silence', () => {
  const folder = makeFolder();
  const whole: Record<string, Buffer> = { 'a.csv.gz': gzipSync(csv), 'a.jsonl.gz': gzipSync(jsonLines) };
  beforeAll(async () => {
    whole['a.parquet'] = await wholeParquet(folder);
    whole['a.arrow'] = wholeArrow();
    whole['a.csv.zst'] = await wholeZstd(csv, folder);
    whole['a.jsonl.zst'] = await wholeZstd(jsonLines, folder);
  });
  const write = (name: string, content: string | Buffer) => writeFileSync(path.join(folder, name), content);

  it.each([
    ['CSV', 'a.csv', csv, csvRows, 1],
    ['JSON Lines', 'a.jsonl', jsonLines, jsonRows, 2],
  ] as const)(`${texts} %s files`, async (_, name, text, rowsOf, seed) => {
    await expectNoLoss(texts, createRandom(seed), text, rowsOf, (damaged) => {
      write(name, damaged);
      return inMemory(folder, name);
    });
  });

  it.each([
    ['CSV', 'a.csv', 'csv', csv, csvRows, 3],
    ['JSON Lines', 'a.jsonl', 'jsonl', jsonLines, jsonRows, 4],
  ] as const)(`${imports} %s files that are imported through DuckDB`, async (_, name, format, text, rowsOf, seed) => {
    await expectNoLoss(imports, createRandom(seed), text, rowsOf, (damaged) => {
      write(name, damaged);
      return onDisk(folder, name, format);
    });
  });

  it.each([
    ['a.parquet', binaries, 5],
    ['a.arrow', binaries, 6],
    ['a.csv.gz', zipped, 7],
    ['a.jsonl.gz', zipped, 8],
    ['a.csv.zst', zipped, 9],
    ['a.jsonl.zst', zipped, 10],
  ] as const)('%s, %d times: all of its rows, or an error', async (name, files, seed) => {
    const random = createRandom(seed);
    write(name, whole[name]!);
    const all = await inMemory(folder, name);
    expect(all?.rows).toBeGreaterThan(2);
    let refused = 0;
    for (let i = 0; i < files; i++) {
      const damaged = damage(whole[name]!, random);
      write(name, damaged);
      const result = await inMemory(folder, name);
      if (result === undefined) refused++;
      // A frame without a checksum may hold another text as well; one that is cut short is refused (see below).
      else if (!name.endsWith('.zst')) expect(result.rows + result.skipped, damaged.toString('base64')).toBe(all!.rows);
    }
    expect(refused).toBeGreaterThan(files / 4);
  });
});

describe('a compressed file whose end is missing is refused, wherever it was cut', () => {
  const folder = makeFolder();
  // More than the pieces in which files are read.
  const rows = Array.from({ length: 3000 }, (_, i) => `${i},${createRandom(i)()}`);
  const long = `n,x\n${rows.join('\n')}\n`;
  const cuts = Array.from({ length: isSoak ? 60 : 6 }, (_, i) => (i + 1) / (isSoak ? 62 : 8));

  it.each(['gz', 'zst'])('%s', async (kind) => {
    const name = `long.csv.${kind}`;
    const bytes = kind === 'gz' ? gzipSync(long) : await wholeZstd(long, folder);
    writeFileSync(path.join(folder, name), bytes);
    expect(await inMemory(folder, name)).toEqual({ rows: rows.length, skipped: 0 });
    expect(await onDisk(folder, name, 'csv')).toEqual({ rows: rows.length, skipped: 0 });
    for (const cut of [...cuts, 1 - 1 / bytes.length]) {
      writeFileSync(path.join(folder, name), bytes.subarray(0, Math.floor(cut * bytes.length)));
      expect(await inMemory(folder, name), `${cut} in memory`).toBeUndefined();
      expect(await onDisk(folder, name, 'csv'), `${cut} on disk`).toBeUndefined();
    }
  });
});
