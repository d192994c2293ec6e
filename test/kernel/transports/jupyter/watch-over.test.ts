import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { farewell } from '../../../../kernel/transports/jupyter/watch-over.ts';
import { startJupyterKernel } from './client.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'llmops watch '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const command = ['--no-force-async-hooks-checks', path.resolve('dist/kernel.js'), '--connection-file'];
const execute = (code: string) => ({ code, silent: false, store_history: true, allow_stdin: false });

describe('a Jupyter kernel that crashes in native code', { timeout: 60_000 }, () => {
  it('is told on stderr, and by the kernel that is started in its place', async () => {
    let said = '';
    const onLog = (text: string) => {
      said += text;
    };
    const crashing = await startJupyterKernel(command, folder, { onLog });
    await crashing.request('execute_request', execute('1'));
    crashing.send('shell', 'execute_request', execute("process.kill(process.pid, 'SIGSEGV')"));
    await expect.poll(() => said, { timeout: 20_000 }).toBe(farewell);
    await crashing.close();

    const next = await startJupyterKernel(command, folder);
    const told = await next.find(({ content }) => content.name === 'stderr');
    expect(told.content.text).toBe(farewell);
    next.send('control', 'shutdown_request', { restart: false });
    await expect.poll(() => existsSync(path.join(folder, 'connection.json.running')), { timeout: 20_000 }).toBe(false);
    await next.close();
  });

  it('is not said of one that was asked to end', async () => {
    let said = '';
    const kernel = await startJupyterKernel(command, folder, {
      onLog: (text) => {
        said += text;
      },
    });
    await kernel.request('execute_request', execute('1'));
    const ended = new Promise((resolve) => kernel.process.once('close', resolve));
    kernel.send('control', 'shutdown_request', { restart: false });
    // The watcher holds stderr open until it has ended too.
    await ended;
    expect(said).toBe('');
    await kernel.close();
  });
});
