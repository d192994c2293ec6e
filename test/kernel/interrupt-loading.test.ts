import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KernelClient } from '../../kernel/client.ts';
import { resultOf, runCell, startTestKernel } from './kernel.ts';

/** A module's text: says that it is being evaluated and, the first time, stays at it for so long, in a function. */
const slow = (ms: number, name: string) => `console.log('begun');
function stay() { for (const end = Date.now() + ${ms}; Date.now() < end; ); }
if (globalThis.${name} === undefined) { globalThis.${name} = 1; stay(); }\n`;
const endless = Number.POSITIVE_INFINITY;

describe('an interrupt while a module is being loaded', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'llmops loading '));
  const own = path.resolve('dist', `slow-${process.pid}.mjs`);
  let kernel: KernelClient;
  beforeAll(async () => {
    writeFileSync(own, `${slow(1500, 'own')}export const value = 7;\n`);
    addPackage('slow', 'module', {
      'index.js': "export { value } from './part.js';",
      'part.js': `${slow(1200, 'part')}export const value = 8;`,
    });
    addPackage('endless', 'module', { 'index.js': "export * from './part.js';", 'part.js': slow(endless, 'first') });
    addPackage('half', 'commonjs', { 'index.js': `exports.early = 1;\n${slow(endless, 'half')}exports.late = 2;` });
    writeFileSync(path.join(folder, 'local.ts'), `${slow(endless, 'local')}export const value: number = 9;`);
    kernel = await startTestKernel(folder);
    await runCell(kernel, 'let kept = 55');
  });
  afterAll(async () => {
    await kernel.close();
    for (const made of [own, folder]) rmSync(made, { recursive: true });
  });

  it('lets one of the kernel’s own be loaded to its end: it would be gone for good', async () => {
    await interrupt(`await import(${JSON.stringify(own)})`);
    expect(await resultOf(kernel, `(await import(${JSON.stringify(own)})).value`)).toBe('7');
  });

  it('lets a package be loaded to its end when that takes a moment', async () => {
    await interrupt("await import('slow')");
    expect(await resultOf(kernel, "(await import('slow')).value")).toBe('8');
  });

  it('ends a package that never comes to its end, and tells the next import of it that a restart is needed', async () => {
    await interrupt("await import('endless')");
    const part = path.join(folder, 'node_modules', 'endless', 'part.js');
    for (const specifier of ['endless', part]) {
      const events = await runCell(kernel, `await import('${specifier}')`);
      expect(events.find((event) => event.type === 'error')?.message).toBe(
        `"${specifier}" was interrupted while it was being loaded, and Node loads a module only once. Restart the kernel to import it.`,
      );
    }
    expect(await resultOf(kernel, 'kept')).toBe('55');
  });

  it('loads a CommonJS module anew, and never gives it out half done', async () => {
    await interrupt("require('half')");
    expect(await resultOf(kernel, "require('half').late")).toBe('2');
  });

  it('runs a local TypeScript module anew', async () => {
    await interrupt("import { value } from './local.ts'");
    expect(await resultOf(kernel, "import { value } from './local.ts'; value")).toBe('9');
  });

  /** Runs the cell and interrupts it when the module says that it is being evaluated. */
  async function interrupt(code: string): Promise<void> {
    let reached = () => {};
    const loading = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const running = kernel.request(
      { method: 'execute', cellId: 'load', code: `${code}\nawait new Promise(() => {})` },
      (event) => {
        if (event.type === 'stream') reached();
      },
    );
    await loading;
    await kernel.request({ method: 'interrupt' });
    expect((await running).status).toBe('interrupted');
  }

  function addPackage(name: string, type: string, files: Record<string, string>): void {
    const root = path.join(folder, 'node_modules', name);
    mkdirSync(root, { recursive: true });
    const all = { ...files, 'package.json': JSON.stringify({ name, type, main: 'index.js' }) };
    for (const [file, text] of Object.entries(all)) writeFileSync(path.join(root, file), text);
  }
});
