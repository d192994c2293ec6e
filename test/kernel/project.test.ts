import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KernelClient } from '../../kernel/client.ts';
import { resultOf, runCell, startTestKernel } from './kernel.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'llmops project '));
let kernel: KernelClient;

function write(file: string, text: string | object): void {
  const target = path.join(folder, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, typeof text === 'string' ? text : JSON.stringify(text));
}

beforeAll(async () => {
  write('tsconfig.json', {
    compilerOptions: { jsx: 'react', jsxFactory: 'h', baseUrl: '.', paths: { '@app/*': ['src/*'] } },
  });
  write(
    'src/text.ts',
    "import { mark } from '@app/mark';\nexport const shout = (text: string) => text.toUpperCase() + mark;\n",
  );
  write('src/mark.ts', "export const mark = '!';\n");
  write(
    'changing.ts',
    "import { step } from './step';\nexport default 'first';\nexport const next = (n: number) => n + step;\n",
  );
  write('step.ts', 'export const step = 1;\n');
  const manifest = (name: string, more: object) => ({ name, version: '1.0.0', ...more });
  write('node_modules/esm-only/package.json', manifest('esm-only', { type: 'module', exports: './index.js' }));
  write('node_modules/esm-only/index.js', "export const kind = 'esm'; export default 'default of esm';");
  write(
    'node_modules/exports-only/package.json',
    manifest('exports-only', { exports: { './part': './lib/part.cjs' } }),
  );
  write('node_modules/exports-only/lib/part.cjs', "exports.part = 'part';");
  write('node_modules/common/package.json', manifest('common', { main: 'main.js' }));
  write('node_modules/common/main.js', "module.exports = { kind: 'cjs', where: __dirname };");
  // The real one cannot work here: ours answers for it.
  write('node_modules/tslab/package.json', manifest('tslab', { main: 'main.js' }));
  write('node_modules/tslab/main.js', "throw new Error('the real tslab');");
  kernel = await startTestKernel(folder);
});
afterAll(async () => {
  await kernel.close();
  rmSync(folder, { recursive: true });
});

const streams = async (code: string) =>
  (await runCell(kernel, code)).flatMap((event) => (event.type === 'stream' ? [event.text] : [])).join('');
const errorOf = async (code: string) => (await runCell(kernel, code)).find((event) => event.type === 'error');

describe('packages', () => {
  it('come from the notebook’s own node_modules, whatever their kind', async () => {
    expect(await resultOf(kernel, "import esm, { kind } from 'esm-only'; [esm, kind]")).toBe(
      "[ 'default of esm', 'esm' ]",
    );
    expect(await resultOf(kernel, "import { part } from 'exports-only/part'; part")).toBe("'part'");
    expect(await resultOf(kernel, "import common from 'common'; common.kind + require('common').kind")).toBe(
      "'cjscjs'",
    );
  });

  it('that the folder lacks come from the kernel', async () => {
    expect(await resultOf(kernel, "import * as arquero from 'arquero'; typeof arquero.table")).toBe("'function'");
    expect(await resultOf(kernel, "import { compile } from 'vega-lite'; typeof compile")).toBe("'function'");
    expect(await resultOf(kernel, "typeof require('typescript').version")).toBe("'string'");
  });

  it('tslab is answered by this kernel, also when the real one is installed', async () => {
    const events = await runCell(kernel, "const tslab = require('tslab');\ntslab.display.html('<b>x</b>');");
    expect(events).toContainEqual(expect.objectContaining({ type: 'display', data: { 'text/html': '<b>x</b>' } }));
    expect(await resultOf(kernel, "import { versions } from 'tslab'; versions.tslab")).toBe("'llmops'");
  });
});

describe('the folder’s tsconfig.json', () => {
  it('gives paths and JSX', async () => {
    expect(await resultOf(kernel, "import { shout } from '@app/text'; shout('a')")).toBe("'A!'");
    const jsx =
      'const h = (tag: string, _: unknown, ...c: string[]) => `${tag}(${c})`;\nconst list = <ul>one</ul>;\nlist';
    expect(await resultOf(kernel, jsx)).toBe("'ul(one)'");
  });
});

describe('local modules', () => {
  it('are taken anew when they or what they import are edited, unless their names were reassigned', async () => {
    expect(await resultOf(kernel, "import text, { next } from './changing'; [text, next(1)]")).toBe("[ 'first', 2 ]");
    write('step.ts', 'export const step = 10;\n');
    expect(await resultOf(kernel, '[text, next(1)]')).toBe("[ 'first', 11 ]");
    await runCell(kernel, "text = 'mine'");
    write('changing.ts', "export default 'second';\nexport const next = (n: number) => -n;\n");
    expect(await resultOf(kernel, '[text, next(1)]')).toBe("[ 'mine', -1 ]");
  });

  it('keep what they gave when they can no longer be loaded', async () => {
    write('changing.ts', 'export default );\n');
    expect(await streams('console.log(next(1))')).toMatch(/cannot be loaded[\s\S]*stays\.\n-1\n$/);
  });
});

describe('shells and files', () => {
  it('%%bash streams its output, takes the notebook’s variables and its own, and reports the exit code', async () => {
    await runCell(kernel, "const word = 'from the notebook';");
    const code = '%%bash\nfor f in one two; do echo "${f}: ${word}"; done\nb="x.txt"; echo ${b%.txt} ${#b}';
    expect(await streams(code)).toBe('one: from the notebook\ntwo: from the notebook\nx 5\n');
    expect(await errorOf('%%bash\nexit 7')).toMatchObject({ message: 'The command exited with code 7: %%bash' });
  });

  it('an interrupt ends a script and what it started', async () => {
    const running = runCell(kernel, '%%bash\nsleep 97.25 & wait');
    await new Promise((resolve) => setTimeout(resolve, 400));
    await kernel.request({ method: 'interrupt' });
    expect((await running).at(-1)).toMatchObject({ status: 'interrupted' });
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain('sleep 97.25');
  });

  it('%load gives the cell the text of a file', async () => {
    const events = await runCell(kernel, '%load step.ts');
    expect(events).toContainEqual(expect.objectContaining({ type: 'cell_text', text: 'export const step = 10;\n' }));
    expect(await errorOf('%load nothing.ts')).toMatchObject({ user: true });
  });
});

describe('type errors', () => {
  it('keep a magic from starting its job, and other cells from running where they are to block', async () => {
    await runCell(kernel, 'const run = { modle: { ref: "m@v1.0.0" } };');
    expect(await errorOf('%eval ${run.model} --data rows')).toMatchObject({
      name: 'TypeCheckError',
      message: expect.stringContaining('No job was started.'),
      traceback: [expect.stringContaining('%eval'), expect.stringContaining('^')],
    });
    const events: string[] = [];
    const cell = { method: 'execute', cellId: 'test', code: 'console.log("ran");\nrun.nothing;' } as const;
    const request = (typeErrors: 'warn' | 'block') =>
      kernel.request({ ...cell, typeErrors }, (event) => events.push(event.type));
    expect((await request('block')).status).toBe('error');
    expect(events).toEqual(['busy', 'error', 'finished']);
    expect((await request('warn')).status).toBe('ok');
  });
});

describe('images', () => {
  it('are shown from their bytes', async () => {
    const events = await runCell(kernel, "Buffer.from('89504e470d0a1a0a00', 'hex')");
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'result', data: expect.objectContaining({ 'image/png': 'iVBORw0KGgoA' }) }),
    );
    const svg = await runCell(kernel, 'display(Buffer.from("<svg xmlns=\'x\'></svg>")); display.markdown("*m*");');
    expect(svg).toContainEqual(
      expect.objectContaining({ data: expect.objectContaining({ 'image/svg+xml': "<svg xmlns='x'></svg>" }) }),
    );
    expect(await resultOf(kernel, 'new Uint8Array([1, 2])')).toBe('Uint8Array(2) [ 1, 2 ]');
  });
});
