import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KernelClient } from '../../kernel/client.ts';
import type { CellDiagnostic } from '../../kernel/protocol.ts';
import { resultOf, runCell, startTestKernel } from './kernel.ts';

/** What users of other TypeScript kernels complain of, and the test elsewhere that shows it solved here. */
const solvedElsewhere: readonly (readonly [complaint: string, file: string, title: string])[] = [
  [
    'tslab #75: does not start in VS Code',
    'test/e2e/suite/kernel.test.ts',
    'opens as a Jupyter notebook with our kernel',
  ],
  [
    'tslab #56: variables of earlier cells are missing in VS Code',
    'test/e2e/suite/language.test.ts',
    'complete the members of a variable of an earlier cell',
  ],
  [
    'deno #20592: no comms',
    'test/kernel/transports/jupyter/protocol.test.ts',
    'opened by a cell reach the client, and its messages the cell',
  ],
  [
    'deno #24491: stop kills the kernel',
    'test/kernel/interrupt-matrix.test.ts',
    'stops %s; variables stay and timers work',
  ],
  [
    'deno #20657, vscode #195745: no TypeScript completions in notebooks',
    'test/e2e/suite/language.test.ts',
    'complete the members of a variable of an earlier cell',
  ],
  [
    'deno #20524: type errors are not shown',
    'test/e2e/suite/language.test.ts',
    'underline a wrong property, and nothing that is right',
  ],
];

it.each(solvedElsewhere)('%s has a test', (_complaint, file, title) => {
  expect(readFileSync(file, 'utf8')).toContain(`'${title}`);
});

describe('complaints of other kernels’ users', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'llmops complaints '));
  let kernel: KernelClient;
  beforeAll(async () => {
    write('package.json', '{ "type": "module" }');
    write('node_modules/only-esm/package.json', packageJson('only-esm', { '.': './main.js' }));
    write('node_modules/only-esm/main.js', 'export const answer = await Promise.resolve(42);');
    write(
      'node_modules/with-types/package.json',
      packageJson('with-types', { '.': { types: './t.d.ts', import: './m.js' } }),
    );
    write('node_modules/with-types/t.d.ts', 'export declare function double(x: number): number;');
    write('node_modules/with-types/m.js', 'export const double = (x) => 2 * x;');
    write('local.ts', 'export interface Pair { left: number }\nexport const pair: Pair = { left: 7 };');
    write('tsconfig.json', '{ "compilerOptions": { "paths": { "@lib/*": ["./*"] }, "noImplicitReturns": true } }');
    write('data.json', '{ "rows": [3, 1, 2] }');
    kernel = await startTestKernel(folder);
  });
  afterAll(async () => {
    await kernel.close();
    rmSync(folder, { recursive: true });
  });

  function write(name: string, text: string): void {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Messages of the errors that the cell would be underlined with. */
  async function errorsIn(code: string): Promise<string[]> {
    let found: CellDiagnostic[] = [];
    await kernel.request({ method: 'diagnose', cellId: 'asked', code }, (event) => {
      if (event.type === 'diagnostics') found = event.diagnostics;
    });
    return found.map(({ message }) => message);
  }

  it('tslab #72: packages that are ES modules only can be imported', async () => {
    expect(await resultOf(kernel, "import { answer } from 'only-esm'; answer")).toBe('42');
  });

  it('tslab #61, #67: console and Node’s globals are there, and are no type errors', async () => {
    const code = "console.log('hello', process.pid, Buffer.from('x').length, new URL('http://a'))";
    expect(await errorsIn(code)).toEqual([]);
    expect((await runCell(kernel, code)).some((event) => event.type === 'error')).toBe(false);
  });

  it('tslab #71, #63, #68: libraries and their types are found in the notebook’s folder', async () => {
    const code = "import { double } from 'with-types';\ndouble(21)";
    expect(await errorsIn(code)).toEqual([]);
    expect(await resultOf(kernel, code)).toBe('42');
    expect(await errorsIn("import { double } from 'with-types';\ndouble('21')")).toHaveLength(1);
  });

  it('tslab #71: the folder’s tsconfig.json counts', async () => {
    expect(await errorsIn("import { pair } from '@lib/local.ts';\npair.left")).toEqual([]);
    expect(await errorsIn('function half(x: number) { if (x > 1) return x / 2; }')).toHaveLength(1);
  });

  it('tslab #35: shell commands and magics run in cells', async () => {
    const shown = await runCell(kernel, '!echo from the shell\n%time 1 + 1');
    expect(JSON.stringify(shown)).toContain('from the shell');
    expect(JSON.stringify(shown)).toContain('Wall time');
  });

  it('tslab #92, #34, #94: the kernel is installed for Jupyter without asking any Python', () => {
    const env = { ...process.env, PATH: '', JUPYTER_DATA_DIR: path.join(folder, 'jupyter') };
    execFileSync(process.execPath, ['dist/cli.js', 'kernel', 'install'], { env });
    expect(existsSync(path.join(folder, 'jupyter/kernels/llmops/kernel.json'))).toBe(true);
  });

  it('tslab #88: local TypeScript files can be imported, with or without their extension', async () => {
    const code =
      "import { pair, type Pair } from './local';\nconst same: Pair = (await import('./local.ts')).pair;\nsame.left";
    expect(await errorsIn(code)).toEqual([]);
    expect(await resultOf(kernel, code)).toBe('7');
  });

  it('tslab #79: what newer targets have can be written and run', async () => {
    const code = `import data from './data.json' with { type: 'json' };
const log: string[] = [];
{ using resource = { [Symbol.dispose]() { log.push('disposed') } }; void resource; }
const named = (value: unknown, context: ClassDecoratorContext) => { log.push(String(context.name)) };
@named class Decorated {}
for await (const row of data.rows.toSorted()) log.push(String(row));
[...log, ({ a: 1 } satisfies Record<string, number>).a].join(' ')`;
    expect(await errorsIn(code)).toEqual([]);
    expect(await resultOf(kernel, code)).toBe("'disposed Decorated 1 2 3 1'");
  });
});

function packageJson(name: string, exports: object): string {
  return JSON.stringify({ name, version: '1.0.0', type: 'module', exports });
}
