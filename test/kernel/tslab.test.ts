import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KernelClient, RequestEvent } from '../../kernel/client.ts';
import { runCell, startTestKernel } from './kernel.ts';

/** Cells as notebooks for tslab have them, and what they show: MIME type and content. */
const cells: readonly [code: string, ...shown: [type: string, content: unknown][]][] = [
  ["import * as tslab from 'tslab';\nimport * as fs from 'fs';"],
  ["tslab.display.html('<b>bold</b>')", ['text/html', '<b>bold</b>']],
  ["tslab.display.markdown('# Title')", ['text/markdown', '# Title']],
  ["tslab.display.javascript('1 + 1')", ['text/javascript', '1 + 1']],
  ["tslab.display.latex('$x^2$')", ['text/latex', '$x^2$']],
  ["tslab.display.svg('<svg></svg>')", ['image/svg+xml', '<svg></svg>']],
  ['tslab.display.png(new Uint8Array([137, 80]))', ['image/png', 'iVA=']],
  ['tslab.display.jpeg(Buffer.from([255, 216]))', ['image/jpeg', '/9g=']],
  ['tslab.display.gif(Buffer.from([71]))', ['image/gif', 'Rw==']],
  ['tslab.display.pdf(Buffer.from([37]))', ['application/pdf', 'JQ==']],
  ["tslab.display.text('plain')", ['text/plain', 'plain']],
  ["tslab.display.raw('application/x-own', 'raw')", ['application/x-own', 'raw']],
  ["import { display, newDisplay } from 'tslab';\ndisplay.text('named');", ['text/plain', 'named']],
  ["const d = newDisplay();\nd.text('first');\nd.text('second');", ['text/plain', 'first'], ['text/plain', 'second']],
  ['class Person { constructor(public name: string) {} }'],
  ["let p = new Person('Ken');\np", ['text/plain', "Person { name: 'Ken' }"]],
  ['class Person { constructor(public first: string, public last: string) {} }'],
  ["p = new Person('A', 'B') as any;\np", ['text/plain', "Person { first: 'A', last: 'B' }"]],
  ['let sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));'],
  ["await sleep(5);\n'awake'", ['text/plain', "'awake'"]],
  [
    '/** Greets. */\nfunction greet(name = "you"): string { return `hello ${name}`; }\ngreet()',
    ['text/plain', "'hello you'"],
  ],
  ['const { readFileSync } = fs;\ntypeof readFileSync', ['text/plain', "'function'"]],
  ["console.log('to stdout')", ['stdout', 'to stdout\n']],
  ["typeof tslab.versions.typescript + typeof process.env + require('path').sep", ['text/plain', "'stringobject/'"]],
];

describe('a notebook written for tslab', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'llmops-tslab-'));
  let kernel: KernelClient;
  beforeAll(async () => {
    kernel = await startTestKernel(folder);
  });
  afterAll(async () => {
    await kernel.close();
    rmSync(folder, { recursive: true });
  });

  it('runs unchanged', async () => {
    for (const [code, ...shown] of cells) {
      const events = await runCell(kernel, code);
      expect(events.filter(({ type }) => type === 'error')).toEqual([]);
      expect(events.flatMap(shownBy), code).toEqual(shown);
    }
  });
});

function shownBy(event: RequestEvent): [string, unknown][] {
  if (event.type === 'stream') return [[event.name, event.text]];
  const isShown = event.type === 'display' || event.type === 'update_display' || event.type === 'result';
  return isShown ? Object.entries(event.data) : [];
}
