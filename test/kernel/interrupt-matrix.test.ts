import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KernelClient } from '../../kernel/client.ts';
import { endless } from './endless.ts';
import { resultOf, runCell, startTestKernel } from './kernel.ts';
import { loadMachine } from './load.ts';

const isSoak = process.env.LLMOPS_SOAK !== undefined;
/** 21 kinds, loaded and not: 210 interrupts in one kernel. */
const rounds = isSoak ? 5 : 1;
const kinds = Object.entries(endless);

describe('one kernel, interrupted again and again', () => {
  let kernel: KernelClient;
  let interrupts = 0;
  let slowestMs = 0;
  beforeAll(async () => {
    kernel = await startTestKernel(tmpdir());
    await runCell(
      kernel,
      'let kept = 0; async function spin() { for (;;) await new Promise((r) => setTimeout(r, 1)) }',
    );
  });
  afterAll(async () => {
    console.log(`${interrupts} interrupts, the slowest took ${Math.round(slowestMs)} ms`);
    await kernel.close();
  });

  it.each(kinds)('stops %s; variables stay and timers work', { timeout: 60_000 * rounds }, async (_what, code) => {
    for (let round = 0; round < rounds; round++) await interruptOnce(code);
  });

  if (isSoak) {
    it.each(kinds)('stops %s on a machine that is busy', { timeout: 120_000 * rounds }, async (_what, code) => {
      const load = loadMachine();
      try {
        for (let round = 0; round < rounds; round++) await interruptOnce(code);
      } finally {
        load.stop();
      }
    });
  }

  /** Runs a cell; `begun` resolves when it says that it is where it does not end. */
  function start(code: string) {
    let hasBegun = () => {};
    const begun = new Promise<void>((resolve) => {
      hasBegun = resolve;
    });
    const finished = kernel.request({ method: 'execute', cellId: 'endless', code }, (event) => {
      if (event.type === 'stream' && event.text.includes('begun')) hasBegun();
    });
    return { begun, finished };
  }

  async function interruptOnce(code: string): Promise<void> {
    await runCell(kernel, 'kept++');
    const { begun, finished: running } = start(code);
    await begun;
    const asked = performance.now();
    await kernel.request({ method: 'interrupt' });
    expect((await running).status).toBe('interrupted');
    slowestMs = Math.max(slowestMs, performance.now() - asked);
    interrupts++;
    const alive = await resultOf(kernel, 'await new Promise((r) => setTimeout(() => r(kept), 5))');
    expect(alive).toBe(String(interrupts));
    expect(kernel.process.exitCode ?? kernel.process.signalCode).toBeNull();
  }
});
