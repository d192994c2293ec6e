import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import OpenAI from 'openai';
import { afterEach } from 'vitest';
import { deploymentFiles } from '../../../magics/deploy/logs.ts';
import { createServer, type ServerOptions } from '../../../magics/deploy/server.ts';
import type { ScriptedGenerator } from './scripted-generator.ts';

const apiKey = 'sk-test-key';
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

/** A server of a scripted model on a free port, closed after the test, and the official client of it. */
export async function startServer(generator: ScriptedGenerator, options: Partial<ServerOptions> = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), 'server-'));
  const files = deploymentFiles(folder, 'cron');
  const server = createServer({
    model: {
      generator,
      names: ['cron@v1.0.0', 'cron'],
      temperature: 0,
      format: (messages) => generator.tokenizer.encode(generator.tokenizer.applyChatTemplate(messages)),
    },
    apiKey,
    files,
    logText: true,
    capacity: 4,
    maxBatch: 4,
    ...options,
  });
  cleanUps.push(() => server.close());
  const origin = await server.listen({ host: '127.0.0.1', port: 0 });
  const client = new OpenAI({ apiKey, baseURL: `${origin}/v1`, maxRetries: 0 });
  return { origin, client, files, server, folder };
}

/** POST of JSON with the key. */
export const post = (url: string, body: unknown, key = apiKey) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
export const messages = [{ role: 'user' as const, content: 'every day' }];
