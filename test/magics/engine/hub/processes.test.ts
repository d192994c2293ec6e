import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { createHubServer, etagOf } from './hub-server.ts';

it('two processes share one download; when one is killed, the other goes on from its bytes', async () => {
  const program = await buildProgram();
  const hub = await createHubServer();
  const home = mkdtempSync(path.join(tmpdir(), 'hub-home-'));
  const weights = Buffer.alloc(3_000_000, 'weights');
  const files = new Map([
    ['config.json', Buffer.from('{}')],
    ['tokenizer.json', Buffer.from('{}')],
    ['model.safetensors', weights],
  ]);
  hub.repositories.set('tiny/llama', { commit: 'e5'.repeat(20), files });
  hub.faults.delayMs = 40;
  const start = () => {
    const env = { ...process.env, HF_ENDPOINT: hub.endpoint, HF_HOME: home };
    return spawn(process.execPath, [program, 'tiny/llama'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  };
  const partial = path.join(
    home,
    'hub/models--tiny--llama/blobs',
    `${etagOf('model.safetensors', weights)}.incomplete`,
  );
  try {
    const first = start();
    await until(() => sizeOf(partial) > 200_000);
    const second = start();
    const answer = outputOf(second);
    await sleep(500);
    first.kill('SIGKILL');
    await once(first, 'exit');
    hub.faults.delayMs = undefined;
    const folder = await answer;
    expect(readFileSync(path.join(folder, 'model.safetensors')).equals(weights)).toBe(true);
    const ranges = hub.requests.filter(({ isStorage }) => isStorage).map(({ range }) => range);
    expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=[2-9]\d{5}-|^bytes=[12]\d{6}-/)]);
    expect(readdirSync(path.join(home, 'hub/.locks/models--tiny--llama'))).toEqual([]);
  } finally {
    await hub.close();
  }
}, 60_000);

async function buildProgram(): Promise<string> {
  const outfile = path.join(mkdtempSync(path.join(tmpdir(), 'hub-program-')), 'downloader.mjs');
  await build({
    entryPoints: ['test/magics/engine/hub/downloader.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'warning',
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  });
  return outfile;
}

async function outputOf(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(0);
  return text;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20);
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
