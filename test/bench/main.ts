import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { benchEngine } from './engine.bench.ts';
import { benchKernel } from './kernel.bench.ts';
import type { BenchRow } from './row.ts';

/** `npm run bench`: measures, prints, and writes test/bench/RESULTS.md with the machine's description. */
const sections: [string, () => Promise<BenchRow[]>][] = [
  ['Kernel', benchKernel],
  ['Engine', benchEngine],
];

const load = loadavg()[0]!;
execFileSync(process.execPath, ['esbuild.config.mjs'], { stdio: 'inherit' });
let text = `# Benchmarks\n\nWritten by \`npm run bench\`. Ratios count: each is measured against a peer or a limit in the same run.\n\n${machine(load)}\n`;
for (const [title, bench] of sections) {
  console.log(`\n${title} ...`);
  const section = `\n## ${title}\n\n${table(await bench())}\n`;
  console.log(section);
  text += section;
}
await writeFile('test/bench/RESULTS.md', text);
console.log('Written to test/bench/RESULTS.md');

function machine(loadBefore: number): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const what = `${cpus().length} cores of ${cpu?.model ?? 'an unknown processor'}, ${memory} GiB, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
  return `Machine: ${what}.\nLoad average before the run: ${loadBefore.toFixed(1)}.`;
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
