import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KernelClient } from '../../kernel/client.ts';
import { resultOf, runCell, startTestKernel } from './kernel.ts';

describe('interrupt', () => {
  let kernel: KernelClient;
  beforeAll(async () => {
    kernel = await startTestKernel(tmpdir());
    await runCell(kernel, 'let kept = 55');
  });
  afterAll(() => kernel.close());

  it('ends the cells that wait behind the running one', async () => {
    const first = kernel.request({ method: 'execute', cellId: 'a', code: 'await new Promise(() => {})' });
    const second = kernel.request({ method: 'execute', cellId: 'b', code: 'kept = 0' });
    await sleep(100);
    await kernel.request({ method: 'interrupt' });
    expect([(await first).status, (await second).status]).toEqual(['interrupted', 'interrupted']);
    expect(await resultOf(kernel, 'kept')).toBe('55');
  });

  it('lets finally blocks run', async () => {
    const running = kernel.request({
      method: 'execute',
      cellId: 'finally',
      code: 'let cleaned = false; try { await new Promise(() => {}) } finally { cleaned = true }',
    });
    await sleep(100);
    await kernel.request({ method: 'interrupt' });
    await running;
    expect(await resultOf(kernel, 'cleaned')).toBe('true');
  });

  it('stops a loop that a finished cell left in a timer', async () => {
    const looping = new Promise<void>((resolve) => {
      const code = "setTimeout(() => { console.log('loops'); while (true) {} }, 50); 'finished'";
      void kernel.request({ method: 'execute', cellId: 'left', code }, (event) => {
        if (event.type === 'stream') resolve();
      });
    });
    await looping;
    await kernel.request({ method: 'interrupt' });
    expect(await resultOf(kernel, 'await new Promise((r) => setTimeout(() => r(kept), 5))')).toBe('55');
  });

  it('stops a shell command', async () => {
    const running = kernel.request({ method: 'execute', cellId: 'shell', code: '!sleep 60' });
    await sleep(250);
    await kernel.request({ method: 'interrupt' });
    expect((await running).status).toBe('interrupted');
  });

  it('ends a child that is waited for, but no detached one', async () => {
    await runCell(
      kernel,
      `const { spawn, spawnSync } = await import('node:child_process');
       const detached = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });`,
    );
    const running = kernel.request({ method: 'execute', cellId: 'child', code: "spawnSync('sleep', ['60'])" });
    await sleep(300);
    await kernel.request({ method: 'interrupt' });
    expect((await running).status).toBe('interrupted');
    expect(await resultOf(kernel, '[detached.exitCode, detached.signalCode]')).toBe('[ null, null ]');
    await runCell(kernel, 'detached.kill()');
  });
});
