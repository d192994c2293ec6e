import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { literal, withDatabase } from '../../magics/dataset/large/database.ts';
import { profile } from '../../magics/dataset/profile.ts';
import { findPython } from './find-python.ts';
import { generateCsv, generateJsonLines } from './generate-data.ts';
import type { BenchRow } from './row.ts';

const execute = promisify(execFile);
const csvBytes = 1_001_000_000;
const jsonBytes = 750_000_000;

/** The whole profile of large files beside DuckDB's plain count, group and exact duplicates, and pandas where a Python has it. */
export async function benchData(): Promise<BenchRow[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-data-'));
  try {
    const [csv, json] = [path.join(folder, 'rows.csv'), path.join(folder, 'rows.jsonl')];
    const { rows } = await generateCsv(csv, csvBytes);
    const first = await measure(
      csv,
      `read_csv(${literal(csv)})`,
      `CSV of 1 GB, ${rows.toLocaleString('en-US')} rows`,
      'read_csv(file)',
    );
    await rm(csv);
    await generateJsonLines(json, jsonBytes);
    const second = await measure(
      json,
      `read_json(${literal(json)})`,
      'JSON Lines of 750 MB',
      'read_json(file, lines=True)',
    );
    return [...first, ...second];
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measure(file: string, from: string, name: string, pandas: string): Promise<BenchRow[]> {
  const plain = await seconds(() => plainCounts(from));
  const peer = await pandasSeconds(file, pandas);
  let chartSeconds = Number.NaN;
  const start = performance.now();
  const context = {
    folder: path.dirname(file),
    distFolder: path.resolve('dist'),
    signal: new AbortController().signal,
    display(bundle: Record<string, unknown>) {
      if (Number.isNaN(chartSeconds) && 'image/svg+xml' in bundle) chartSeconds = (performance.now() - start) / 1000;
      return { update: () => undefined };
    },
  };
  await profile({ data: file }, context);
  const whole = (performance.now() - start) / 1000;
  const memory = process.resourceUsage().maxRSS / 1e6;
  return [
    { name: `profile of ${name}`, value: whole, unit: 's', against: 'plain DuckDB, at most 10', ratio: whole / plain },
    ...(peer === undefined
      ? []
      : [
          {
            name: `the same beside pandas (read, group, duplicates)`,
            value: whole,
            unit: 's',
            against: 'pandas',
            ratio: whole / peer,
          },
        ]),
    { name: 'its first chart', value: chartSeconds, unit: 's', against: '3 s', ratio: chartSeconds / 3 },
    { name: 'largest memory of the process so far', value: memory, unit: 'GB', against: '1.5 GB', ratio: memory / 1.5 },
  ];
}

/** Rows, rows by label, and rows that repeat an earlier one: each a query over the file. */
function plainCounts(from: string): Promise<void> {
  return withDatabase(async (database) => {
    await database.rows(`SELECT count(*) FROM ${from}`);
    await database.rows(`SELECT label, count(*) FROM ${from} GROUP BY label`);
    await database.rows(`SELECT sum(n - 1) FROM (SELECT count(*) AS n FROM ${from} AS t GROUP BY t)`);
  });
}

async function pandasSeconds(file: string, read: string): Promise<number | undefined> {
  const python = await findPython('pandas');
  if (python === undefined) return undefined;
  const script = `import sys, time, pandas\nfile = sys.argv[1]\nstart = time.perf_counter()\nd = pandas.${read}\nlen(d), d.groupby("label").size(), d.astype(str).duplicated().sum()\nprint(time.perf_counter() - start)`;
  const { stdout } = await execute(python, ['-c', script, file], { maxBuffer: 1e6 });
  return Number(stdout);
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
