import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const python = '/usr/bin/python3';
const modules = 'import jupyter_client, jupyter_kernel_test, nbclient';
const isInstalled = spawnSync(python, ['-c', modules], { timeout: 60_000 }).status === 0;
const run = promisify(execFile);

it('under CI, Jupyter’s clients are installed', () => {
  expect(isInstalled || process.env.CI === undefined, `${python} lacks one of: ${modules}`).toBe(true);
});

describe.runIf(isInstalled)(
  'Jupyter clients (need Debian’s python3-jupyter-client, python3-nbclient, python3-jupyter-kernel-test)',
  () => {
    // With a space: installation paths have them.
    const prefix = mkdtempSync(path.join(tmpdir(), 'llmops jupyter '));
    const env = { ...process.env, JUPYTER_PATH: path.join(prefix, 'share', 'jupyter') };
    const client = (script: string, ...args: string[]) =>
      run(python, [path.resolve('test/kernel/jupyter', script), ...args], { env, cwd: prefix, timeout: 180_000 });

    beforeAll(async () => {
      await run(process.execPath, ['dist/cli.js', 'kernel', 'install', '--prefix', prefix]);
    });
    afterAll(() => rmSync(prefix, { recursive: true }));

    it('pass jupyter_kernel_test', { timeout: 200_000 }, async () => {
      const { stderr } = await client('conformance.py', '-v');
      expect(stderr).toMatch(/Ran 12 tests[\s\S]*OK\s*$/);
      expect(stderr).not.toMatch(/skipped|FAIL|terminate called/);
    });

    it('run a notebook and interrupt a loop', { timeout: 200_000 }, async () => {
      expect((await client('notebook.py')).stdout).toMatch(/ok\s*$/);
    });

    it('no longer find the kernel once it is uninstalled', async () => {
      const { stdout } = await run(process.execPath, ['dist/cli.js', 'kernel', 'uninstall', '--prefix', prefix]);
      expect(stdout).toContain(prefix);
      await expect(run(process.execPath, ['dist/cli.js', 'kernel', 'uninstall', '--prefix', prefix])).rejects.toThrow(
        'The kernel is not installed',
      );
    });
  },
);
