import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findNearDuplicates } from '../../magics/dataset/near-duplicates.ts';
import { createRandom } from '../../magics/dataset/random.ts';
import { findPython } from './find-python.ts';
import type { BenchRow } from './row.ts';

const execute = promisify(execFile);
const textCount = 1_000_000;
/** The peer is timed on the first ones only, to keep the bench short. */
const peerTexts = 20_000;
const threshold = 0.8;

/** Near-duplicates of a million short texts, beside datasketch where a Python has it. */
export async function benchNearDuplicates(): Promise<BenchRow[]> {
  const texts = makeTexts(textCount);
  const memoryBefore = process.memoryUsage().rss;
  const start = performance.now();
  const found = findNearDuplicates(texts, threshold).length;
  const seconds = (performance.now() - start) / 1000;
  const megabytes = (process.memoryUsage().rss - memoryBefore) / 1e6;
  if (found < textCount / 20) throw new Error(`only ${found} of about ${textCount / 10} near duplicates were found`);
  const name = 'near-duplicates of 1,000,000 short texts (MinHash, verified)';
  const rate = await peerRate(texts.slice(0, peerTexts));
  const row = { name, value: textCount / seconds, unit: 'texts/s' };
  return [
    rate === undefined ? row : { ...row, against: 'datasketch, unverified', ratio: row.value / rate },
    { name: 'the same', value: seconds, unit: 's' },
    { name: 'memory that it takes', value: megabytes, unit: 'MB' },
  ];
}

/** Texts per second of `datasketch`; undefined where no Python has it. */
async function peerRate(texts: readonly string[]): Promise<number | undefined> {
  const python = await findPython('datasketch');
  if (python === undefined) return undefined;
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-near-'));
  try {
    const file = path.join(folder, 'texts.txt');
    await writeFile(file, texts.join('\n'));
    const script = path.resolve('test/bench/near_duplicates_rate.py');
    const { stdout } = await execute(python, [script, file, String(threshold)]);
    return (JSON.parse(stdout) as { rate: number }).rate;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Sentences of about 70 characters; every tenth is an earlier one with a word changed. */
function makeTexts(count: number): string[] {
  const random = createRandom(7);
  const words = Array.from({ length: 20_000 }, (_, i) => `${i.toString(36)}${'abcdefgh'.slice(0, 1 + (i % 6))}`);
  const word = () => words[Math.floor(words.length ** random()) - 1]!;
  const texts: string[] = [];
  for (let i = 0; i < count; i++) {
    const isCopy = i > 10 && random() < 0.1;
    const base = isCopy
      ? texts[Math.floor(random() * i)]!.split(' ')
      : Array.from({ length: 10 + Math.floor(random() * 10) }, word);
    if (isCopy) base[Math.floor(random() * base.length)] = word();
    texts.push(base.join(' '));
  }
  return texts;
}
