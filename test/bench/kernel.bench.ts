import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startJupyterKernel } from './jupyter-client.ts';
import type { BenchRow } from './row.ts';

const flag = '--no-force-async-hooks-checks';
const kernels = {
  llmops: [flag, path.resolve('dist/kernel.js'), '--connection-file'],
  tslab: [path.resolve('node_modules/tslab/bin/tslab'), 'kernel', '--config-path'],
};

/** What one kernel does, in ms and MiB: medians over a few tries. */
interface Figures {
  firstResult: number;
  trivialCell: number;
  firstCompletion: number;
  completion: number;
  hover: number;
  memory: number;
  memoryWithArquero: number;
}

const rows: readonly [keyof Figures, string, string][] = [
  ['firstResult', 'kernel: spawn to first result', 'ms'],
  ['trivialCell', 'kernel: trivial cell', 'ms'],
  ['firstCompletion', 'kernel: first completion', 'ms'],
  ['completion', 'kernel: completion', 'ms'],
  ['hover', 'kernel: hover', 'ms'],
  ['memory', 'kernel: memory at the first result', 'MiB'],
  ['memoryWithArquero', 'kernel: memory after arquero and completions', 'MiB'],
];

/** Start, cells, completions, hovers and memory beside tslab, both over ZeroMQ; the ratio is ours over tslab's (less is better). */
export async function benchKernel(): Promise<BenchRow[]> {
  await measure(kernels.llmops, 1);
  const ours = await measure(kernels.llmops, 5);
  const theirs = await measure(kernels.tslab, 5);
  return rows.map(([key, name, unit]) => ({
    name,
    value: ours[key],
    unit,
    against: `tslab ${theirs[key].toFixed(1)} ${unit}`,
    ratio: ours[key] / theirs[key],
  }));
}

async function measure(command: readonly string[], starts: number): Promise<Figures> {
  const firstResults: number[] = [];
  for (let i = 0; i < starts - 1; i++) firstResults.push((await oneStart(command)).firstResult);
  const figures = await oneStart(command, { thorough: true });
  return { ...figures, firstResult: median([...firstResults, figures.firstResult]) };
}

async function oneStart(command: readonly string[], { thorough = false } = {}): Promise<Figures> {
  // Below the repository, so that both kernels find its packages.
  mkdirSync('test/.cache', { recursive: true });
  const folder = mkdtempSync(path.resolve('test/.cache/bench-'));
  const startedAt = performance.now();
  const kernel = await startJupyterKernel(command, folder);
  try {
    await kernel.request('execute_request', execute('1 + 1'));
    const firstResult = performance.now() - startedAt;
    const memory = await residentMiB(kernel.pid);
    if (!thorough) return { ...empty, firstResult, memory };
    // Past the work that a kernel does in its first pause.
    await sleep(4000);
    const trivialCell = await medianTime(25, (i) =>
      kernel.request('execute_request', execute(`const n${i} = ${i} + 1; n${i}`)),
    );
    await kernel.request('execute_request', execute("import * as path from 'node:path'; path.sep"));
    const complete = () => kernel.request('complete_request', { code: 'path.jo', cursor_pos: 7 });
    const firstCompletion = await medianTime(1, complete);
    const completion = await medianTime(15, complete);
    const hover = await medianTime(15, () =>
      kernel.request('inspect_request', { code: 'path.join', cursor_pos: 7, detail_level: 0 }),
    );
    await kernel.request(
      'execute_request',
      execute("import * as arquero from 'arquero'; arquero.table({ x: [1] }).numRows()"),
    );
    const memoryWithArquero = await residentMiB(kernel.pid);
    return { firstResult, trivialCell, firstCompletion, completion, hover, memory, memoryWithArquero };
  } finally {
    await kernel.close();
    rmSync(folder, { recursive: true });
  }
}

const empty: Figures = {
  firstResult: 0,
  trivialCell: 0,
  firstCompletion: 0,
  completion: 0,
  hover: 0,
  memory: 0,
  memoryWithArquero: 0,
};

function execute(code: string) {
  return { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: true };
}

async function medianTime(tries: number, action: (i: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < tries; i++) {
    const startedAt = performance.now();
    await action(i);
    times.push(performance.now() - startedAt);
  }
  return median(times);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Resident memory of a process, from Linux's /proc. */
async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}
