import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KernelClient, RequestEvent } from '../../kernel/client.ts';
import { openStore } from '../../magics/governance/open-store.ts';
import { listJobs } from '../../magics/jobs/index.ts';
import { makeRepository } from '../magics/governance/repository-fixture.ts';
import { resultOf, runCell, startTestKernel } from './kernel.ts';
import { loadMachine } from './load.ts';

const training = (steps: number, more = '') => `%%finetune --as run
name: echo
base_model: { hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, vocab_size: 300 }
datasets: [{ path: rows, prompt: ask, target: answer }]
micro_batch_size: 8
max_steps: ${steps}
save_steps: 10
sequence_len: 64
${more}`;

const busyRounds = 25;

/** A kernel in a new repository, with what the training cell names. */
async function prepare(): Promise<{ folder: string; kernel: KernelClient }> {
  const folder = makeRepository();
  const rows = Array.from({ length: 40 }, (_, i) => JSON.stringify({ text: `say ${i % 7}`, answer: `${i % 7}` }));
  writeFileSync(path.join(folder, 'rows.jsonl'), rows.join('\n'));
  const kernel = await startTestKernel(folder);
  await runCell(kernel, '%dataset load rows.jsonl --as rows');
  await runCell(kernel, '%%prompt ask\n---\ninput: { schema: { text: string } }\n---\n{{text}}');
  return { folder, kernel };
}

describe('interrupting a training cell', { timeout: 120_000 }, () => {
  let folder = '';
  let kernel: KernelClient;
  beforeAll(async () => {
    ({ folder, kernel } = await prepare());
    await runCell(kernel, 'let kept = 41');
  });
  afterAll(() => kernel.close());

  it('ends it within 2 seconds, keeps the variables and records it as cancelled', async () => {
    // Late enough that the checkpoint of step 10 is whole: the next test goes on from it.
    const tookMs = await interruptAt(/ (?:[2-9]\d|\d{3,})\/100000/, training(100_000));
    expect(tookMs).toBeLessThan(2000);
    expect(await resultOf(kernel, 'kept + rows.rowCount')).toBe('81');
    const store = await openStore(folder);
    await expect
      .poll(async () => (await store.list('run'))[0], { timeout: 10_000 })
      .toMatchObject({
        ...{ status: 'cancelled', reason: 'interrupted', name: 'echo' },
      });
  });

  it('lets the same cell go on from its checkpoint, and start over when asked', async () => {
    expect(await interruptAt(/Resumed from the checkpoint of step \d+/, training(100_000))).toBeLessThan(2000);
    const fresh = await runCell(kernel, training(15, 'fresh: true'));
    expect(JSON.stringify(fresh)).not.toContain('Resumed from');
    expect(fresh.at(-1)).toMatchObject({ type: 'finished', status: 'ok' });
  });

  if (process.env.LLMOPS_SOAK !== undefined) {
    // The kernel is drawing then, as often as not: what it draws with must not be ended before it has heard of the interrupt.
    it('cancels the job on a busy machine too', { timeout: 60_000 * busyRounds }, async () => {
      const load = loadMachine();
      try {
        for (let round = 0; round < busyRounds; round++) {
          const busy = await prepare();
          await interruptAt(/Line chart of Loss/, training(100_000), busy.kernel);
          const [job] = await listJobs(busy.folder);
          await expect.poll(() => job!.status(), { timeout: 20_000 }).toBe('cancelled');
          await busy.kernel.close();
        }
      } finally {
        load.stop();
      }
    });
  }

  /** Runs the cell and interrupts it once it shows the text; resolves to the time until it has ended, in ms. */
  async function interruptAt(text: RegExp, code: string, client = kernel): Promise<number> {
    let reached = () => {};
    const shown = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const running = client.request({ method: 'execute', cellId: 'train', code }, (event) => {
      if (text.test(textOf(event))) reached();
    });
    await Promise.race([shown, running]);
    const asked = performance.now();
    await client.request({ method: 'interrupt' });
    expect((await running).status).toBe('interrupted');
    return performance.now() - asked;
  }
});

function textOf(event: RequestEvent): string {
  return event.type === 'update_display' || event.type === 'display' ? String(event.data['text/plain']) : '';
}
