import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'llmops-desktop-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A program in the place of desktop VS Code: it notes its arguments and then does `body`. */
async function standIn(name: string, body: string): Promise<{ file: string; args(): Promise<string[]> }> {
  const file = path.join(folder, name);
  const noted = `${file}.args.json`;
  const script = `#!${process.execPath}
const { writeFileSync, readFileSync } = require('node:fs');
const args = process.argv.slice(2);
writeFileSync(${JSON.stringify(noted)}, JSON.stringify(args));
${body}`;
  await writeFile(file, script);
  await chmod(file, 0o755);
  return { file, args: async () => JSON.parse(await readFile(noted, 'utf8')) };
}

async function program(args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ code: number; output: string }> {
  return run(process.execPath, ['test/run.mjs', ...args], { env: { ...process.env, ...env } }).then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      output: error.stdout + error.stderr,
    }),
  );
}

test('the desktop suite hands the in-host tests to VS Code and fails as they do', async () => {
  const vscode = await standIn(
    'vscode-with-results',
    `const value = (name) => args.find((a) => a.startsWith(name + '=')).slice(name.length + 1);
if (!readFileSync(value('--extensionTestsPath'), 'utf8').includes('mocha')) process.exit(3);
if (!readFileSync(value('--extensionDevelopmentPath') + '/package.json', 'utf8').includes('llmops-notebook')) process.exit(4);
writeFileSync(process.env.LLMOPS_SUITE_RESULTS, JSON.stringify([
  { title: 'runs a cell', passed: true, durationMs: 5 },
  { title: 'stops a loop', passed: false, durationMs: 7, error: 'it went on' },
]));
process.exit(1);`,
  );
  const { code, output } = await program(['test/e2e/desktop.ts'], { VSCODE_EXECUTABLE: vscode.file });
  expect(output).toContain('✗ stops a loop (7 ms)\n     it went on');
  expect(output).toContain('VS Code desktop: 1 passed, 1 failed');
  expect(code).toBe(1);
});

test('a VS Code that runs no test is an error that says what to do', async () => {
  const vscode = await standIn('vscode-that-fails', 'process.exit(9);');
  const { code, output } = await program(['test/e2e/desktop.ts'], { VSCODE_EXECUTABLE: vscode.file });
  expect(output).toContain('Desktop VS Code ran no test');
  expect(output).toContain('Set VSCODE_EXECUTABLE');
  expect(code).toBe(1);
});

test('the quickstart opens in desktop VS Code where "code" is on the PATH', async () => {
  const vscode = await standIn('code', '');
  const workspace = path.join(folder, 'workspace');
  const { code } = await program(['test/e2e/vscode/open.ts', workspace], {
    PATH: `${folder}${path.delimiter}${process.env.PATH}`,
  });
  expect(code).toBe(0);
  expect(await vscode.args()).toEqual([
    '--new-window',
    `--extensionDevelopmentPath=${process.cwd()}`,
    workspace,
    path.join(workspace, 'quickstart.ipynb'),
  ]);
  expect(await readFile(path.join(workspace, 'quickstart.ipynb'), 'utf8')).toContain('%%finetune');
});
