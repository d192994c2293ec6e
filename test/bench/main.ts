import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { benchData } from './data.bench.ts';
import { benchDecoding } from './decode.bench.ts';
import { benchGovernance } from './governance.bench.ts';
import { benchKernel } from './kernel.bench.ts';
import { benchMetrics } from './metrics.bench.ts';
import { benchNearDuplicates } from './near-duplicates.bench.ts';
import type { BenchRow } from './row.ts';
import { benchTraining } from './training.bench.ts';

/**
 * `npm run bench [-- SECTION ...]`: measures, prints, and writes test/bench/RESULTS.md after each section, with the machine's
 * description. Sections that were not asked for stay as they are.
 */
const sections: [string, () => Promise<BenchRow[]>][] = [
  ['Kernel', benchKernel],
  ['Data', benchData],
  ['Records', benchGovernance],
  ['Training', benchTraining],
  ['Decoding', benchDecoding],
  ['Metrics', benchMetrics],
  ['Near-duplicates', benchNearDuplicates],
];
const file = 'test/bench/RESULTS.md';
const head =
  '# Benchmarks\n\nWritten by `npm run bench`. Ratios count: each is measured against a peer or a limit in the same run.\n';

const asked = process.argv.slice(2).map((name) => name.toLowerCase());
const unknown = asked.find((name) => !sections.some(([title]) => title.toLowerCase() === name));
if (unknown !== undefined) throw new Error(`There is no section "${unknown}": ${sections.map(([t]) => t).join(', ')}`);
execFileSync(process.execPath, ['esbuild.config.mjs'], { stdio: 'inherit' });
const results = await readResults();
for (const [title, bench] of sections) {
  if (asked.length > 0 && !asked.includes(title.toLowerCase())) continue;
  console.log(`\n${title} ...`);
  const before = machine(loadavg()[0]!);
  const measured = await bench();
  results.set(title, `${before}\n\n${table(measured)}`);
  console.log(`\n${table(measured)}`);
  const texts = sections.flatMap(([name]) => (results.has(name) ? [`\n## ${name}\n\n${results.get(name)}\n`] : []));
  await writeFile(file, head + texts.join(''));
}
console.log(`Written to ${file}`);

/** The sections of earlier runs, by title. */
async function readResults(): Promise<Map<string, string>> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const parts = text.split(/^## /m).slice(1);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n')).trim()]));
}

function machine(loadBefore: number): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const what = `${cpus().length} cores of ${cpu?.model ?? 'an unknown processor'}, ${memory} GiB, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
  return `Machine: ${what}; load average before the run ${loadBefore.toFixed(1)}.`;
}

function table(rows: readonly BenchRow[]): string {
  const lines = rows.map(({ name, value, unit, against, ratio }) =>
    row(name, `${significant(value)} ${unit}`, against ?? '', ratio === undefined ? '' : significant(ratio)),
  );
  return [row('what', 'figure', 'against', 'ratio'), '|---|---:|---|---:|', ...lines].join('\n');
}

function row(...cells: string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function significant(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));
}
