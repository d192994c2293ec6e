import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { type KernelClient, startKernel } from '../../kernel/client.ts';
import type { Notebook } from '../../kernel/notebook/notebook.ts';
import { exitReason } from '../../magics/jobs/exit-reason.ts';
import { resultOf, runCell } from './kernel.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'llmops crashes '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A kernel of its own, whose last words are kept out of the tests' output. */
const start = (env: NodeJS.ProcessEnv = {}): Promise<KernelClient> =>
  startKernel({ distFolder: path.resolve('dist'), folder, env: { ...process.env, ...env }, onLog: () => undefined });

describe('memory', { timeout: 90_000 }, () => {
  it('that a cell fills ends the cell, not the kernel: variables stay, memory is free again', async () => {
    const kernel = await start({ NODE_OPTIONS: '--max-old-space-size=100' });
    try {
      await runCell(kernel, 'let kept = [1, 2, 3]');
      for (const code of [
        'const all: unknown[] = []; for (;;) all.push(new Array(1000).fill(Math.random()))',
        'await (async () => { const more: unknown[] = []; for (;;) { await null; more.push({ a: [Math.random()], b: {} }) } })()',
      ]) {
        const error = (await runCell(kernel, code)).find((event) => event.type === 'error');
        expect(error?.name).toBe('OutOfMemory');
        expect(error?.message).toMatch(/filled the JavaScript heap of \d+ MB.*NODE_OPTIONS/);
        await runCell(kernel, 'var all: unknown[] = []');
        expect(await resultOf(kernel, 'await new Promise((r) => setTimeout(() => r(kept.length), 5))')).toBe('3');
      }
    } finally {
      await kernel.close();
    }
  });
});

describe('the end of a kernel', { timeout: 60_000 }, () => {
  it.each([
    ['SIGSEGV', 'crashed in native code (SIGSEGV'],
    ['SIGABRT', 'was aborted by native code (SIGABRT'],
    ['SIGKILL', 'was killed (SIGKILL: by a user, or by the system when memory is short)'],
  ])('by %s is told as what it is', async (signal, reason) => {
    const kernel = await start();
    const running = runCell(kernel, `process.kill(process.pid, '${signal}'); await new Promise(() => {})`);
    await expect(running).rejects.toThrow(reason);
  });

  it('by an exit of its own code is told with the code', async () => {
    const kernel = await start();
    await expect(runCell(kernel, 'process.reallyExit(3)')).rejects.toThrow('ended with exit code 3');
  });

  it('is not what process.exit in a cell or in a library does: the cell that called it ends, its variables stay', async () => {
    const kernel = await start();
    try {
      await runCell(kernel, 'const kept = 7');
      const later = 'setTimeout(() => process.exit(3), 5); await new Promise((r) => setTimeout(r, 50))';
      for (const code of ['process.exit(3)', later]) {
        const told = JSON.stringify(await runCell(kernel, code));
        expect(told).toMatch(/process\.exit\(3\) was called.*restart the kernel/);
      }
      expect(await resultOf(kernel, 'kept')).toBe('7');
    } finally {
      await kernel.close();
    }
  });

  it('for lack of memory is told from what Node wrote', () => {
    const log = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory';
    expect(exitReason({ code: null, signal: 'SIGABRT', log })).toContain('ran out of memory');
    expect(exitReason({ code: 134, signal: null, log: '' })).toContain('SIGABRT');
  });

  it('is an error of its cell in llmops run, and the notebook is written', async () => {
    const source = "console.log('before'); process.kill(process.pid, 'SIGSEGV'); await new Promise(() => {})";
    const cell = { cell_type: 'code', metadata: {}, source, outputs: [], execution_count: null };
    const file = path.join(folder, 'crash.ipynb');
    writeFileSync(file, JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 2 }));
    const run = spawn(process.execPath, ['dist/cli.js', 'run', file]);
    let stderr = '';
    run.stderr.on('data', (text) => {
      stderr += text;
    });
    expect(await new Promise((resolve) => run.once('close', resolve))).toBe(1);
    expect(stderr).toContain('crashed in native code');
    expect(stderr).not.toMatch(/^\s+at /m);
    const written = JSON.parse(readFileSync(path.join(folder, 'crash.executed.ipynb'), 'utf8')) as Notebook;
    const [output] = written.cells[0]!.outputs!.slice(-1);
    expect(output?.output_type === 'error' && output.evalue).toContain('crashed in native code');
  });
});

describe('a kernel whose client is killed', { timeout: 60_000 }, () => {
  it.each([
    ['is idle', '1'],
    ['runs a loop', 'while (true) {}'],
    ['waits for a child', "require('node:child_process').spawnSync('sleep', ['61'])"],
    ['runs a shell command', '!sleep 62'],
  ])('ends, and leaves no process behind, when it %s', async (_what, code) => {
    const client = path.join(folder, 'client.mjs');
    writeFileSync(client, clientProgram(code));
    const process_ = spawn(process.execPath, [client], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = Number(await new Promise<string>((resolve) => process_.stdout.once('data', (t) => resolve(String(t)))));
    await sleep(600);
    const family = [pid, ...descendantsOf(pid)];
    process_.kill('SIGKILL');
    await expect.poll(() => family.filter(isAlive), { timeout: 8000, interval: 100 }).toEqual([]);
  });
});

/** A program that starts a kernel as clients do, runs a cell and prints the kernel's process id. */
function clientProgram(code: string): string {
  const [dist, address] = [path.resolve('dist'), path.join(folder, `${Math.random()}.sock`)];
  return `import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
createServer((socket) => {
  socket.write(JSON.stringify({ id: '1', method: 'execute', cellId: '', code: ${JSON.stringify(code)} }) + '\\n');
  console.log(kernel.pid);
}).listen(${JSON.stringify(address)});
const kernel = spawn(process.execPath, ['--no-force-async-hooks-checks', ${JSON.stringify(path.join(dist, 'kernel.js'))},
  '--socket', ${JSON.stringify(address)}, '--folder', ${JSON.stringify(folder)}], { stdio: 'ignore' });`;
}

function descendantsOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

function isAlive(pid: number): boolean {
  try {
    const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!;
    return !state.startsWith('Z');
  } catch {
    return false;
  }
}
