import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { jupyterProgram, makeVenv } from '../jupyter/venv.ts';
import { type JupyterKernel, startJupyterKernel } from '../kernel/transports/jupyter/client.ts';
import { incrementalCheckMs } from './incremental-check.ts';
import { median, medianTime } from './median.ts';
import type { BenchRow } from './row.ts';

/** A kernel and the cells, in its language, that are measured. */
interface Peer {
  readonly command: readonly string[];
  /** What runs the command; Node unless it is said. */
  readonly program?: string;
  trivial(i: number): string;
  readonly imports: string;
  /** A member that is completed, and hovered over with its last letters. */
  readonly member: string;
  /** A cell that loads tables. */
  readonly tables: string;
}

const typescript = {
  trivial: (i: number) => `const n${i} = ${i} + 1; n${i}`,
  imports: "import * as path from 'node:path'; path.sep",
  member: 'path.join',
  tables: "import * as arquero from 'arquero'; arquero.table({ x: [1] }).numRows()",
};
const llmops: Peer = {
  ...typescript,
  command: ['--no-force-async-hooks-checks', path.resolve('dist/kernel.js'), '--connection-file'],
};
const tslab: Peer = {
  ...typescript,
  command: [path.resolve('node_modules/tslab/bin/tslab'), 'kernel', '--config-path'],
};
const ipykernel: Peer = {
  program: jupyterProgram('python'),
  command: ['-m', 'ipykernel_launcher', '-f'],
  trivial: (i) => `n${i} = ${i} + 1; n${i}`,
  imports: 'import os.path; os.path.sep',
  member: 'os.path.join',
  tables: 'import json; 1',
};

/** What one kernel does, in ms and MiB. */
interface Figures {
  firstResult: number;
  trivialCell: number;
  firstCompletion: number;
  completion: number;
  typing: number;
  hover: number;
  memory: number;
  memoryAtWork: number;
}

const rows: readonly [keyof Figures, string, string][] = [
  ['firstResult', 'kernel: spawn to first result', 'ms'],
  ['trivialCell', 'kernel: trivial cell', 'ms'],
  ['firstCompletion', 'kernel: first completion', 'ms'],
  ['completion', 'kernel: completion', 'ms'],
  ['typing', 'kernel: completion at each letter of a member, in new cells', 'ms'],
  ['hover', 'kernel: hover', 'ms'],
  ['memory', 'kernel: memory at the first result', 'MiB'],
  ['memoryAtWork', 'kernel: memory after a table and completions', 'MiB'],
];

const rounds = 3;
const extraStarts = 2;

/** Start, cells, completions, hovers and memory beside tslab and ipykernel over ZeroMQ; the ratio is ours over tslab's (less is better). */
export async function benchKernel(): Promise<BenchRow[]> {
  await oneStart(llmops);
  const peers = { llmops, tslab, ...(hasPython() ? { ipykernel } : {}) };
  const figures = await measure(Object.values(peers));
  const [ours, theirs, python] = figures as [Figures, Figures, Figures | undefined];
  const beside = rows.map(([key, name, unit]): BenchRow => {
    const third = python === undefined ? '' : `, ipykernel ${python[key].toFixed(1)}`;
    const against = `tslab ${theirs[key].toFixed(1)}${third} ${unit}`;
    return { name, value: ours[key], unit, against, ratio: ours[key] / theirs[key] };
  });
  const check = await incrementalCheckMs(500);
  const name = 'kernel: check of an edited cell below 500 cells, with arquero’s types';
  return [...beside, { name, value: check, unit: 'ms', against: 'goal 30 ms', ratio: check / 30 }];
}

/** Medians for each peer. They take turns, so that a change of the machine's load meets all. */
async function measure(peers: readonly Peer[]): Promise<Figures[]> {
  const found = peers.map((): Partial<Figures>[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, peer] of peers.entries()) {
      found[i]!.push(await oneStart(peer, { thorough: true }));
      for (let start = 0; start < extraStarts; start++) found[i]!.push(await oneStart(peer));
    }
  }
  return found.map((figures) => {
    const entries = rows.map(([key]) => [key, median(figures.flatMap((f) => f[key] ?? []))]);
    return Object.fromEntries(entries) as Figures;
  });
}

async function oneStart(peer: Peer, { thorough = false } = {}): Promise<Partial<Figures>> {
  // Below the repository, so that the kernels find its packages.
  mkdirSync('test/.cache', { recursive: true });
  const folder = mkdtempSync(path.resolve('test/.cache/bench-'));
  const startedAt = performance.now();
  const env = { ...process.env, XDG_DATA_HOME: folder, IPYTHONDIR: folder };
  const kernel = await startJupyterKernel(peer.command, folder, { program: peer.program, env });
  try {
    await kernel.request('execute_request', execute('1 + 1'));
    const first = { firstResult: performance.now() - startedAt, memory: await residentMiB(kernel.pid) };
    return thorough ? { ...first, ...(await atWork(kernel, peer)) } : first;
  } finally {
    await kernel.close();
    rmSync(folder, { recursive: true });
  }
}

async function atWork(kernel: JupyterKernel, peer: Peer): Promise<Partial<Figures>> {
  // Past the work that a kernel does in its first pause.
  await sleep(4000);
  const trivialCell = await medianTime(25, (i) => kernel.request('execute_request', execute(peer.trivial(i))));
  await kernel.request('execute_request', execute(peer.imports));
  const typed = peer.member.slice(0, -2);
  const complete = (_: number, code = typed) => kernel.request('complete_request', { code, cursor_pos: code.length });
  const letters = (i: number) => `v${i >> 2} = ${peer.member.slice(0, peer.member.length - 3 + (i % 4))}`;
  const asked = { code: peer.member, cursor_pos: peer.member.length - 2, detail_level: 0 };
  const firstCompletion = await medianTime(1, complete);
  const completion = await medianTime(40, complete);
  const typing = await medianTime(40, (i) => complete(i, letters(i)));
  const hover = await medianTime(40, () => kernel.request('inspect_request', asked));
  await kernel.request('execute_request', execute(peer.tables));
  return { trivialCell, firstCompletion, completion, typing, hover, memoryAtWork: await residentMiB(kernel.pid) };
}

function execute(code: string) {
  return { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: true };
}

function hasPython(): boolean {
  try {
    makeVenv();
    return true;
  } catch {
    return false;
  }
}

/** Resident memory of a process, from Linux's /proc. */
async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}
