import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KernelClient, RequestEvent } from '../../kernel/client.ts';
import { runCell, startTestKernel } from './kernel.ts';

const cells = path.resolve('test/cells');

/** Each file of `test/cells/input` runs in a kernel; its events are those in `test/cells/output`. `vitest -u` renews them. */
describe('golden cells', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'llmops cells '));
  let kernel: KernelClient;
  beforeAll(async () => {
    cpSync(path.join(cells, 'modules'), folder, { recursive: true });
    kernel = await startTestKernel(folder);
  });
  afterAll(async () => {
    await kernel.close();
    rmSync(folder, { recursive: true });
  });

  for (const file of readdirSync(path.join(cells, 'input'))) {
    it(`${path.parse(file).name} gives the events it should`, async () => {
      await runCell(kernel, '%reset');
      const events = [];
      for (const code of readFileSync(path.join(cells, 'input', file), 'utf8').split('\n-----\n')) {
        const of = (await runCell(kernel, code.trimEnd())).map(stable);
        events.push({ code: code.trimEnd().split('\n'), events: thinned(of) });
      }
      const text = JSON.stringify(events, null, 2).replaceAll(folder, 'FOLDER');
      await expect(`${text}\n`).toMatchFileSnapshot(path.join(cells, 'output', `${path.parse(file).name}.json`));
    });
  }
});

/** An event without what differs from run to run. */
function stable(event: RequestEvent): Record<string, unknown> {
  const volatile = ['parent', 'durationMs', 'displayId', 'executionCount'];
  const entries = Object.entries(event).filter(([key]) => !volatile.includes(key));
  const text = JSON.stringify(Object.fromEntries(entries)).replace(/cell \d+, line/g, 'cell N, line');
  return JSON.parse(text.replace(/Wall time: [^"\\]*/g, 'Wall time'));
}

/** How many updates pass depends on the clock: only the last of a row is compared. */
function thinned(events: Record<string, unknown>[]): Record<string, unknown>[] {
  return events.filter((event, i) => event.type !== 'update_display' || events[i + 1]?.type !== 'update_display');
}
