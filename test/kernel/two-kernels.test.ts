import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KernelClient } from '../../kernel/client.ts';
import { openStore } from '../../magics/governance/open-store.ts';
import { git, makeRepository } from '../magics/governance/repository-fixture.ts';
import { resultOf, runCell, startTestKernel } from './kernel.ts';

describe('two notebooks in one repository', { timeout: 120_000 }, () => {
  let folder = '';
  let kernels: KernelClient[] = [];
  beforeAll(async () => {
    folder = makeRepository();
    const rows = Array.from({ length: 40 }, (_, i) => JSON.stringify({ text: `say ${i % 7}`, answer: `${i % 7}` }));
    writeFileSync(path.join(folder, 'rows.jsonl'), rows.join('\n'));
    kernels = await Promise.all([startTestKernel(folder), startTestKernel(folder)]);
  });
  afterAll(() => Promise.all(kernels.map((kernel) => kernel.close())));

  it('share no state', async () => {
    await runCell(kernels[0]!, 'let mine = "first"; globalThis.shared = 1; process.env.LLMOPS_TEST_SHARED = "1"');
    expect(await resultOf(kernels[1]!, '[typeof mine, typeof shared, process.env.LLMOPS_TEST_SHARED]')).toBe(
      "[ 'undefined', 'undefined', undefined ]",
    );
  });

  it('that commit records and train at the same time lose nothing', async () => {
    const failed = await Promise.all(kernels.map((kernel, i) => work(kernel, ['left', 'right'][i]!)));
    expect(failed).toEqual([[], []]);
    const store = await openStore(folder);
    const runs = await store.list('run');
    expect(runs.map((run) => run.name).sort()).toEqual(['left', 'right']);
    expect(runs.map((run) => run.status)).toEqual(['succeeded', 'succeeded']);
    const names = (await store.names('dataset')).sort();
    const wanted = ['left', 'right'].flatMap((side) => [1, 2, 3, 4].map((i) => `${side}${i}`));
    expect(names).toEqual(expect.arrayContaining(wanted));
    const tags = git(folder, 'tag').split('\n');
    expect(tags).toEqual(expect.arrayContaining(['left@v1.0.0', 'right@v1.0.0']));
    expect(git(folder, 'fsck', '--strict', '--no-dangling')).toBe('');
    expect(git(folder, 'status', '--porcelain', '--untracked-files=no')).toBe('');
  });

  /** Loads data sets, writes a prompt and trains, each step a commit; gives the errors. */
  async function work(kernel: KernelClient, side: string): Promise<string[]> {
    const cells = [
      ...[1, 2, 3, 4].map((i) => `%dataset load rows.jsonl --as ${side}${i}`),
      `%%prompt ask${side}\n---\ninput: { schema: { text: string } }\n---\n{{text}}`,
      `%%finetune --as run${side}
name: ${side}
base_model: { hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, vocab_size: 300 }
datasets: [{ path: ${side}1, prompt: ask${side}, target: answer }]
micro_batch_size: 8
max_steps: 20
sequence_len: 64
seed: ${side.length}`,
    ];
    const errors: string[] = [];
    for (const code of cells) {
      for (const event of await runCell(kernel, code)) if (event.type === 'error') errors.push(event.message);
    }
    return errors;
  }
});
