import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type KernelClient,
  type KernelClientOptions,
  type ReplyEvent,
  startKernel,
} from '../../extension/kernel-client.ts';
import type { KernelEvent } from '../../kernel/protocol.ts';

const kernelFile = path.resolve('test/extension/scripted-kernel.mjs');
const kernels: KernelClient[] = [];

async function start(options: Partial<KernelClientOptions> = {}): Promise<KernelClient> {
  const kernel = await startKernel({ node: [process.execPath], kernelFile, folder: process.cwd(), ...options });
  kernels.push(kernel);
  return kernel;
}
const execute = (script: unknown) => ({ method: 'execute', cellId: 'a', code: JSON.stringify(script) }) as const;

describe('kernel client', () => {
  afterEach(() => Promise.all(kernels.splice(0).map((kernel) => kernel.stop())));

  it('gives each request its own events and its finish', async () => {
    const kernel = await start();
    const seen: ReplyEvent[][] = [[], []];
    const stream = (text: string) => ({ type: 'stream', name: 'stdout', text });
    const finishes = await Promise.all([
      kernel.request(execute({ events: [stream('one'), stream('two')] }), (event) => seen[0]!.push(event)),
      kernel.request(execute({ events: [stream('three\u2028')] }), (event) => seen[1]!.push(event)),
    ]);
    expect(finishes.map((event) => event.status)).toEqual(['ok', 'ok']);
    const texts = seen.map((events) => events.flatMap((event) => (event.type === 'stream' ? [event.text] : [])));
    expect(texts).toEqual([['one', 'two'], ['three\u2028']]);
  });

  it('hands on what arrives after a request has finished', async () => {
    const late: KernelEvent[] = [];
    const kernel = await start({ onLateEvent: (event) => late.push(event) });
    await kernel.request(execute({ late: [{ type: 'stream', name: 'stdout', text: 'tick' }] }));
    await kernel.request(execute({}));
    expect(late).toMatchObject([{ type: 'stream', text: 'tick' }]);
  });

  it('interrupts a running cell', async () => {
    const kernel = await start();
    const running = kernel.request(execute({ wait: true }));
    await kernel.request({ method: 'interrupt' });
    expect(await running).toMatchObject({ type: 'finished', status: 'interrupted' });
  });

  it('reads nothing while the screen is busy', async () => {
    const kernel = await start();
    let release = () => {};
    kernel.holdUntil(
      new Promise<void>((resolve) => {
        release = resolve;
      }),
    );
    let isFinished = false;
    const running = kernel.request(execute({})).then(() => {
      isFinished = true;
    });
    await sleep(100);
    expect(isFinished).toBe(false);
    release();
    await running;
    expect(isFinished).toBe(true);
  });

  it('rejects the running and all later requests when the process is killed', async () => {
    const kernel = await start();
    const running = kernel.request(execute({ wait: true }));
    process.kill(kernel.pid, 'SIGKILL');
    await expect(running).rejects.toThrow(
      'The kernel process was killed (SIGKILL: by a user, or by the system when memory is short); its variables are gone.',
    );
    await expect(kernel.request(execute({}))).rejects.toThrow('was killed (SIGKILL');
  });

  it('keeps what the process wrote before a crash', async () => {
    let log = '';
    const kernel = await start({ onLog: (text) => (log += text) });
    await expect(kernel.request(execute({ stderr: 'out of memory', exit: 134 }))).rejects.toThrow(
      'aborted by native code (SIGABRT)',
    );
    expect((await kernel.exited).log).toContain('out of memory');
    expect(log).toContain('out of memory');
  });

  it('names the program, what it wrote and what to do when the kernel cannot start', async () => {
    const broken = start({ env: { ...process.env, SCRIPTED_KERNEL: 'broken' } });
    await expect(broken).rejects.toThrow(/could not start with ".*node".*this kernel is broken.*Check Setup/);
    await expect(start({ node: ['no-such-node'] })).rejects.toThrow('spawn no-such-node ENOENT');
  });

  it('gives up on a kernel that never becomes ready', async () => {
    const mute = start({ env: { ...process.env, SCRIPTED_KERNEL: 'mute' }, startTimeoutMs: 1500 });
    await expect(mute).rejects.toThrow('It was not ready within 1.5 s.');
  });

  it('ends the process when it is stopped', async () => {
    const kernel = await start();
    await kernel.stop();
    expect(await kernel.exited).toMatchObject({ code: 0 });
    if (process.platform === 'linux') expect(existsSync(`/proc/${kernel.pid}`)).toBe(false);
  });
});
