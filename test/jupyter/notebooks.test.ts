import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InstalledKernel, installKernel } from './installed-kernel.ts';
import { makeFirstHalf, outputsOf, readExecuted, shortNotebook } from './notebooks.ts';
import { jupyterProgram } from './venv.ts';

const chart = 'application/vnd.vegalite.v5+json image/svg+xml text/plain';
const block = 'text/html text/plain';
const table = `application/vnd.dataresource+json ${block}`;

/** What the short notebook's cells show when `count` is 3. */
const shortOutputs = [
  [],
  ['stdout: 3 rows', 'stderr: a warning', '{ x: 2, y: 4 }'],
  [table],
  ['last'],
  ['stdout: from the shell'],
  ['application/vnd.vegalite.v5+json text/plain'],
];

describe('programs that run notebooks', () => {
  let kernel: InstalledKernel;
  beforeAll(async () => {
    kernel = await installKernel();
    copyFileSync(shortNotebook, path.join(kernel.prefix, 'short.ipynb'));
  });
  afterAll(() => kernel.remove());

  const result = (file: string) => outputsOf(readExecuted(path.join(kernel.prefix, file)));

  it('jupyter nbconvert --execute gives the outputs, and a page', async () => {
    await kernel.run('jupyter', ['nbconvert', '--execute', '--to', 'notebook', '--output', 'out.ipynb', 'short.ipynb']);
    expect(result('out.ipynb')).toEqual(shortOutputs);
    await kernel.run('jupyter', ['nbconvert', '--to', 'html', '--output', 'out.html', 'out.ipynb']);
    expect(readFileSync(path.join(kernel.prefix, 'out.html'), 'utf8')).toContain('from the shell');
  });

  it('jupyter nbconvert --execute runs the first half of the quickstart', async () => {
    const folder = path.join(kernel.prefix, 'half of it');
    const notebook = makeFirstHalf(folder);
    await kernel.run('jupyter', ['nbconvert', '--execute', '--inplace', '--to', 'notebook', notebook]);
    const shown = outputsOf(readExecuted(notebook));
    expect(shown[1]).toEqual([table, table]);
    expect(shown[2]).toEqual([block, chart]);
    expect(shown[3]?.[0]).toContain('skeletonOverlap: 0');
    const log = execFileSync('git', ['log', '--format=%s'], { cwd: folder, encoding: 'utf8' });
    expect(log.trim().split('\n').length).toBeGreaterThanOrEqual(5);
  });

  it('jupyter execute (nbclient) gives the outputs', async () => {
    await kernel.run('jupyter', ['execute', 'short.ipynb', '--output=executed']);
    expect(result('executed.ipynb')).toEqual(shortOutputs);
  });

  it('a cell that fails ends nbconvert with the error in the cell’s own lines', async () => {
    const [, , cell] = readExecuted(shortNotebook).cells;
    const failing = { ...readExecuted(shortNotebook), cells: [{ ...cell, source: 'let n: any = 1;\nn.missing.deep' }] };
    writeFileSync(path.join(kernel.prefix, 'failing.ipynb'), JSON.stringify(failing));
    const convert = kernel.run('jupyter', ['nbconvert', '--execute', '--to', 'notebook', 'failing.ipynb']);
    await expect(convert).rejects.toThrow(/> 2 \| n\.missing\.deep/);
  });

  it('jupyter console answers what is typed, goes on after an error, and ends with its input', async () => {
    const typed = ['const typed: number = 40', 'typed + 2', 'throw new Error("on purpose")', 'typed * 2'];
    const shown = await console(typed);
    expect(shown).toContain('42');
    expect(shown).toContain('Error: on purpose');
    expect(shown).toContain('80');
  });

  function console(lines: readonly string[]): Promise<string> {
    const args = ['console', '--kernel', 'llmops', '--simple-prompt'];
    const client = spawn(jupyterProgram('jupyter'), args, { cwd: kernel.prefix, env: kernel.env, timeout: 60_000 });
    let shown = '';
    for (const stream of [client.stdout, client.stderr]) {
      stream.on('data', (text) => {
        shown += text;
      });
    }
    client.stdin.end(`${lines.join('\n')}\n`);
    return new Promise((resolve) => client.once('close', () => resolve(shown)));
  }
});
