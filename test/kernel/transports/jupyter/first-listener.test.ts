import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type JupyterKernel, startJupyterKernel } from './client.ts';

const command = ['--no-force-async-hooks-checks', path.resolve('dist/kernel.js'), '--connection-file'];
const cell = { code: '6 * 7', silent: false, store_history: true, user_expressions: {}, allow_stdin: false };

describe('a client whose first cell is there before its subscription', () => {
  let kernel: JupyterKernel | undefined;
  const folder = mkdtempSync(path.join(tmpdir(), 'llmops listener '));
  afterEach(() => kernel?.close());
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const start = async () => {
    const env = { ...process.env, XDG_DATA_HOME: path.join(folder, 'data') };
    kernel = await startJupyterKernel(command, folder, { env, listens: false });
    await kernel.request('kernel_info_request', {}, 'control');
    return kernel;
  };

  it('misses nothing of it', async () => {
    const { send, listen, find, received } = await start();
    const id = send('shell', 'execute_request', cell);
    await sleep(300);
    listen();
    await find((m) => m.parent.msg_id === id && m.content.execution_state === 'idle');
    const published = received.filter((m) => m.socket === 'iopub' && m.parent.msg_id === id);
    expect(published.map((m) => m.header.msg_type)).toEqual(['status', 'execute_input', 'execute_result', 'status']);
  });

  it('has its reply too when it never listens', async () => {
    const { request } = await start();
    expect((await request('execute_request', cell)).content.status).toBe('ok');
    expect((await request('execute_request', cell)).content.status).toBe('ok');
  });
});
