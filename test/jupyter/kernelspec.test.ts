import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InstalledKernel, installKernel, llmopsKernel } from './installed-kernel.ts';
import { outputsOf, readExecuted, shortNotebook } from './notebooks.ts';
import { jupyterProgram } from './venv.ts';

interface ListedKernel {
  resource_dir: string;
  spec: { display_name: string; language: string; interrupt_mode: string; metadata: object };
}

describe('llmops kernel install', () => {
  let kernel: InstalledKernel;
  beforeAll(async () => {
    kernel = await installKernel();
  });
  afterAll(() => kernel.remove());

  async function listed(): Promise<Record<string, ListedKernel>> {
    const { stdout } = await kernel.run('jupyter', ['kernelspec', 'list', '--json']);
    return (JSON.parse(stdout) as { kernelspecs: Record<string, ListedKernel> }).kernelspecs;
  }

  it('below a prefix is found by Jupyter, with its logos', async () => {
    const found = (await listed()).llmops;
    expect(found?.spec).toMatchObject({
      display_name: 'TypeScript (LLMOps)',
      language: 'typescript',
      interrupt_mode: 'message',
      metadata: { debugger: false },
    });
    for (const [name, size] of Object.entries({ 'logo-32x32.png': 32, 'logo-64x64.png': 64 })) {
      const image = readFileSync(path.join(found!.resource_dir, name));
      expect([image.readUInt32BE(16), image.readUInt32BE(20)]).toEqual([size, size]);
    }
    expect(readFileSync(path.join(found!.resource_dir, 'logo-svg.svg'), 'utf8')).toContain('<svg');
  });

  it('for the user goes where Jupyter looks, and away again', async () => {
    const env = { ...kernel.env, JUPYTER_DATA_DIR: path.join(kernel.prefix, 'data') };
    await llmopsKernel(['install', '--user'], env);
    const folder = path.join(kernel.prefix, 'data/kernels/llmops');
    expect(existsSync(path.join(folder, 'kernel.json'))).toBe(true);
    await llmopsKernel(['uninstall'], env);
    expect(existsSync(folder)).toBe(false);
    await expect(llmopsKernel(['uninstall'], env)).rejects.toThrow('The kernel is not installed');
  });

  describe('in a virtual environment', () => {
    const bin = path.dirname(jupyterProgram('python'));
    const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}` };
    const target = path.join(bin, '../share/jupyter/kernels/llmops');
    beforeAll(() => llmopsKernel(['install', '--sys-prefix'], env));
    afterAll(() => llmopsKernel(['uninstall', '--sys-prefix'], env));

    it('puts the kernelspec below its prefix', () => {
      expect(existsSync(path.join(target, 'kernel.json'))).toBe(true);
    });

    it('lets papermill -p set the parameters in TypeScript, and name them', async () => {
      const args = [shortNotebook, 'out.ipynb', '-p', 'count', '5', '-y', '{ labels: [a, null], nested: { b: true } }'];
      await kernel.run('papermill', args);
      const executed = readExecuted(path.join(kernel.prefix, 'out.ipynb'));
      const injected = executed.cells.find((cell) => cell.metadata.tags?.includes('injected-parameters'));
      expect([injected?.source].flat().join('').trim().split('\n')).toEqual([
        '// Parameters',
        'let labels = ["a", null];',
        'let nested = {"b": true};',
        'let count = 5;',
      ]);
      expect(outputsOf(executed)[2]?.slice(0, 2)).toEqual(['stdout: 5 rows', 'stderr: a warning']);
      const { stdout } = await kernel.run('papermill', ['--help-notebook', shortNotebook]);
      expect(stdout).toMatch(/count: number \(default 3\)\s+how many rows/);
    });
  });
});
