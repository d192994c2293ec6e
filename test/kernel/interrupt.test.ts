import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KernelClient } from '../../kernel/client.ts';
import { resultOf, runCell, startTestKernel } from './kernel.ts';

/** Cells that never end by themselves. */
const endless: Record<string, string> = {
  'a loop': 'while (true) {}',
  'an await that never settles': 'await new Promise(() => {})',
  'a loop after an await': 'await null; while (true) {}',
  'a loop of awaited timers': 'while (true) await new Promise((r) => setTimeout(r, 5))',
  'a microtask loop': 'while (true) await null',
  'a loop in a timer callback': 'setTimeout(() => { while (true) {} }, 20); await new Promise(() => {})',
  'a catastrophic regular expression': '/(a+)+$/.test("a".repeat(40) + "b")',
  'a loop that catches everything': 'while (true) { try { await null; while (true) {} } catch {} }',
  'a loop in a function of an earlier cell': 'await spin()',
};

describe('interrupt', () => {
  let kernel: KernelClient;
  beforeAll(async () => {
    kernel = await startTestKernel(tmpdir());
    await runCell(
      kernel,
      'let kept = 55; async function spin() { for (;;) await new Promise((r) => setTimeout(r, 1)) }',
    );
  });
  afterAll(() => kernel.close());

  for (const [what, code] of Object.entries(endless)) {
    it(`stops ${what} and keeps variables and timers`, async () => {
      const running = kernel.request({ method: 'execute', cellId: 'endless', code });
      await sleep(250);
      const asked = performance.now();
      await kernel.request({ method: 'interrupt' });
      expect((await running).status).toBe('interrupted');
      expect(performance.now() - asked).toBeLessThan(4000);
      expect(await resultOf(kernel, 'await new Promise((r) => setTimeout(() => r(kept), 5))')).toBe('55');
    });
  }

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

  it('stops a shell command', async () => {
    const running = kernel.request({ method: 'execute', cellId: 'shell', code: '!sleep 60' });
    await sleep(250);
    await kernel.request({ method: 'interrupt' });
    expect((await running).status).toBe('interrupted');
  });
});
