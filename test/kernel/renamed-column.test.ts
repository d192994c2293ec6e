import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KernelClient } from '../../kernel/client.ts';
import type { CellDiagnostic } from '../../kernel/protocol.ts';
import { runCell, startTestKernel } from './kernel.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'llmops renamed '));
const file = path.join(folder, 'tickets.jsonl');
let kernel: KernelClient;
beforeAll(async () => {
  execFileSync('git', ['init', '-q'], { cwd: folder });
  kernel = await startTestKernel(folder);
});
afterAll(async () => {
  await kernel.close();
  rmSync(folder, { recursive: true });
});

const load = '%dataset load tickets.jsonl --as tickets';
/** Cells below that use the column: in TypeScript, in a magic's option, in one that would start a job. */
const later = [
  'tickets.rows()[0]!.label.toUpperCase()',
  '%eval base --data ${tickets.rows().map((row) => row.label)}',
  "%%finetune --as run\nbase_model: base\ndatasets: [{ path: '${tickets.rows().filter((row) => row.label)}' }]",
];

async function errorsIn(code: string): Promise<string[]> {
  let found: CellDiagnostic[] = [];
  const earlier = [{ cellId: 'load', code: load }];
  await kernel.request({ method: 'diagnose', cellId: 'below', code, earlier }, (event) => {
    if (event.type === 'diagnostics') found = event.diagnostics;
  });
  return found.map(({ message }) => message);
}

const loadAgain = () => kernel.request({ method: 'execute', cellId: 'load', code: load });

it('a data set’s column that gets another name makes the later cells that use it wrong at check time', async () => {
  writeFileSync(file, '{"text":"hello","label":"a"}\n{"text":"again","label":"b"}\n');
  await loadAgain();
  expect(await errorsIn(later[0]!)).toEqual([]);
  writeFileSync(file, '{"text":"hello","intent":"a"}\n{"text":"again","intent":"b"}\n');
  await loadAgain();
  for (const code of later) {
    expect((await errorsIn(code)).filter((message) => message.includes("'label' does not exist"))).toHaveLength(1);
  }
  // The cell that would start a job is not run with it.
  const [error] = (await runCell(kernel, later[2]!)).filter((event) => event.type === 'error');
  expect(error).toMatchObject({ name: 'TypeCheckError', message: expect.stringContaining('No job was started.') });
});
