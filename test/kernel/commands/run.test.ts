import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Notebook } from '../../../kernel/notebook/notebook.ts';

const cli = path.resolve('dist/cli.js');

describe('llmops run', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'llmops run '));
  afterAll(() => rmSync(folder, { recursive: true }));

  function write(name: string, cells: readonly (string | { source: string; tags: string[] })[]): void {
    const asCell = (cell: (typeof cells)[number]) => ({
      cell_type: 'code',
      metadata: typeof cell === 'string' ? {} : { tags: cell.tags },
      source: typeof cell === 'string' ? cell : cell.source,
      outputs: [],
      execution_count: null,
    });
    writeFileSync(
      path.join(folder, name),
      JSON.stringify({ cells: cells.map(asCell), metadata: {}, nbformat: 4, nbformat_minor: 2 }),
    );
  }

  const run = (...args: string[]) =>
    spawnSync(process.execPath, [cli, 'run', ...args], { cwd: folder, encoding: 'utf8' });
  const read = (name: string) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Notebook;

  it('writes the notebook with its outputs and says how it goes', () => {
    write('good.ipynb', [
      'console.log("printed"); 1 + 1',
      'const d = display({ "text/plain": "a" }); d.update({ "text/plain": "b" })',
    ]);
    const { status, stdout } = run('good.ipynb', '-o', 'out.ipynb');
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /\[1\/2\] {2}console\.log[\s\S]*printed[\s\S]*\[2\/2\][\s\S]*2 cells in .* written to out\.ipynb/,
    );
    const { cells, nbformat_minor } = read('out.ipynb');
    expect(nbformat_minor).toBe(5);
    expect(cells.map((cell) => cell.execution_count)).toEqual([1, 2]);
    expect(cells[0]?.outputs).toEqual([
      { output_type: 'stream', name: 'stdout', text: ['printed\n'] },
      { output_type: 'execute_result', execution_count: 1, data: { 'text/plain': ['2'] }, metadata: {} },
    ]);
    expect(cells[1]?.outputs).toEqual([{ output_type: 'display_data', data: { 'text/plain': ['b'] }, metadata: {} }]);
  });

  it('injects parameters after the cell tagged for them', () => {
    write('parameters.ipynb', [{ source: 'let n = 1; let s = "x";', tags: ['parameters'] }, '[n, s]']);
    expect(run('parameters.ipynb', '-p', 'n=7', '-p', 's=some text').status).toBe(0);
    const { cells } = read('parameters.executed.ipynb');
    expect(cells[1]?.metadata.tags).toEqual(['injected-parameters']);
    expect(JSON.stringify(cells[2]?.outputs)).toContain("[ 7, 'some text' ]");
  });

  it('goes on behind a cell that may fail', () => {
    write('may.ipynb', [{ source: 'throw new TypeError("wrong")', tags: ['raises-exception'] }, '3']);
    const tagged = run('may.ipynb');
    expect(tagged.status).toBe(0);
    expect(tagged.stderr).toContain('TypeError: wrong');
    expect(tagged.stdout).toContain('2 cells, 1 of them failed, in');
    expect(read('may.executed.ipynb').cells[1]?.outputs).toHaveLength(1);
    write('untagged.ipynb', ['throw new TypeError("wrong")', '3']);
    expect(run('untagged.ipynb', '--allow-errors').status).toBe(0);
    expect(read('untagged.executed.ipynb').cells[1]?.outputs).toHaveLength(1);
  });

  it('tells type errors, which nothing underlines there', () => {
    write('types.ipynb', ['const size = 3;', 'size.trim?.()', 'const n: number = "a"; n']);
    const { status, stdout } = run('types.ipynb');
    expect(status).toBe(0);
    expect(stdout).toContain("Type error: Property 'trim' does not exist on type '3'.");
    const [first, second, third] = read('types.executed.ipynb').cells;
    expect(first?.outputs).toEqual([]);
    expect(second?.outputs).toMatchObject([{ output_type: 'stream', name: 'stderr' }]);
    expect(JSON.stringify(third?.outputs)).toContain("Type 'string' is not assignable to type 'number'.");
    expect(JSON.stringify(third?.outputs)).toContain('> 1 | const n: number');
    const off = spawnSync(process.execPath, [cli, 'run', 'types.ipynb'], {
      ...{ cwd: folder, encoding: 'utf8' },
      env: { ...process.env, LLMOPS_TYPE_ERRORS: 'off' },
    });
    expect(off.stdout).not.toContain('Type error');
  });

  it('stops at the first cell that fails, with its outputs kept', () => {
    write('bad.ipynb', ['1', 'throw new TypeError("wrong")', '3']);
    const { status, stderr, stdout } = run('bad.ipynb');
    expect(status).toBe(1);
    expect(stderr).toContain('TypeError: wrong');
    expect(stdout).toContain('Stopped at cell 2 of 3');
    const { cells } = read('bad.executed.ipynb');
    expect(cells[1]?.outputs).toMatchObject([{ output_type: 'error', ename: 'TypeError', evalue: 'wrong' }]);
    expect(cells[2]?.outputs).toEqual([]);
  });

  it('interrupts the running cell on Ctrl+C', async () => {
    write('endless.ipynb', ['console.log("going"); while (true) {}']);
    const child = spawn(process.execPath, [cli, 'run', 'endless.ipynb'], { cwd: folder });
    let stderr = '';
    child.stderr.on('data', (data: Buffer) => {
      stderr += data;
    });
    await new Promise<void>((resolve) => {
      let stdout = '';
      child.stdout.on('data', (data: Buffer) => {
        stdout += data;
        if (stdout.includes('\ngoing')) resolve();
      });
    });
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, stderr]).toEqual([1, expect.stringContaining('Interrupted')]);
  });

  it('says what is wrong with a call or a file', () => {
    expect(run('nowhere.ipynb')).toMatchObject({ status: 1, stderr: expect.stringContaining('There is no notebook') });
    expect(run()).toMatchObject({ status: 2, stderr: expect.stringContaining('Usage: llmops run') });
    writeFileSync(path.join(folder, 'text.ipynb'), 'text');
    expect(run('text.ipynb')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('is not a Jupyter notebook'),
    });
  });
});
