import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startJupyterKernel } from './client.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'llmops unresponsive '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const execute = (code: string) => ({ code, silent: false, store_history: true, allow_stdin: false });

const read = (pipe: string) => `console.log('reads'); require('node:fs').readFileSync(${JSON.stringify(pipe)});`;

/** Reading a pipe that nobody writes to is native code that neither JavaScript's debugger nor a signal to a child ends. */
describe('a cell that cannot be stopped', { timeout: 60_000 }, () => {
  it.concurrent.each([
    ['alone', read],
    [
      'in a timer with AsyncLocalStorage',
      (pipe: string) => `const { AsyncLocalStorage } = await import('node:async_hooks');
new AsyncLocalStorage().run(1, () => setTimeout(() => { ${read(pipe)} }, 5));
await new Promise(() => {})`,
    ],
  ])('(%s) is told to the client, with what to do; once it returns variables are there', async (what, code) => {
    const pipe = path.join(folder, what);
    execFileSync('mkfifo', [pipe]);
    const command = ['--no-force-async-hooks-checks', path.resolve('dist/kernel.js'), '--connection-file'];
    const kernel = await startJupyterKernel(command, mkdtempSync(path.join(folder, 'kernel-')));
    try {
      await kernel.request('execute_request', execute('let kept = 1'));
      const id = kernel.send('shell', 'execute_request', execute(code(pipe)));
      await kernel.find(({ content }) => content.text === 'reads\n');
      await kernel.request('interrupt_request', {}, 'control');
      const told = await kernel.find(({ content, parent }) => content.name === 'stderr' && parent.msg_id === id);
      expect(told.content.text).toContain('could not be stopped');
      expect(told.content.text).toContain('Restart the kernel');
      await writeFile(pipe, 'an end');
      const timer = 'await new Promise((r) => setTimeout(() => r(kept + 1), 5))';
      const { content } = await kernel.request('execute_request', execute(timer));
      expect(content.status).toBe('ok');
    } finally {
      await kernel.close();
    }
  });
});
