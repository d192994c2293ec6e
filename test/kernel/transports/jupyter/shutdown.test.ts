import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Request } from 'zeromq';
import { startJupyterKernel } from './client.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'llmops shutdown '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a kernel that is asked to end ends well, also while its heart is listened to', async () => {
  const ends: unknown[] = [];
  for (let round = 0; round < 4; round++) {
    let log = '';
    const onLog = (text: string) => {
      log += text;
    };
    const kernel = await startJupyterKernel([path.resolve('dist/kernel.js'), '--connection-file'], folder, { onLog });
    await kernel.request('kernel_info_request', {});
    const listening = listen();
    const ended = once(kernel.process, 'exit');
    kernel.send('control', 'shutdown_request', { restart: false });
    ends.push([...(await ended), log]);
    await Promise.all([listening.stop(), kernel.close()]);
  }
  expect(ends).toEqual(ends.map(() => [0, null, '']));
});

/** Asks for heartbeats, one upon the other. */
function listen() {
  const { hb_port } = JSON.parse(readFileSync(path.join(folder, 'connection.json'), 'utf8')) as { hb_port: number };
  const heart = new Request();
  heart.connect(`tcp://127.0.0.1:${hb_port}`);
  const asking = (async () => {
    while (!heart.closed) {
      await heart.send('');
      await heart.receive();
    }
  })().catch(() => undefined);
  return {
    stop() {
      heart.close();
      return asking;
    },
  };
}
