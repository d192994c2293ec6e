import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InstalledKernel, installKernel } from './installed-kernel.ts';

describe('Jupyter’s own checks', () => {
  let kernel: InstalledKernel;
  beforeAll(async () => {
    kernel = await installKernel();
  });
  afterAll(() => kernel.remove());

  it('jupyter_kernel_test passes, and skips nothing', async () => {
    const { stderr } = await kernel.run('python', [path.resolve('test/jupyter/conformance.py'), '-v']);
    expect(stderr).toMatch(/Ran 13 tests[\s\S]*OK\s*$/);
    expect(stderr).not.toMatch(/skipped|FAIL|terminate called/);
  });

  it('nbclient runs cells one by one; jupyter_client interrupts a loop', async () => {
    const { stdout } = await kernel.run('python', [path.resolve('test/jupyter/nbclient_run.py')]);
    expect(stdout).toMatch(/ok\s*$/);
  });
});
