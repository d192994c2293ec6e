import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { displaySymbol } from '../../../magics/context.ts';
import { startOptions } from '../../../magics/deploy/options.ts';
import { startDeployment } from '../../../magics/deploy/start.ts';
import { deploymentStatus } from '../../../magics/deploy/status.ts';
import { stopDeployment } from '../../../magics/deploy/stop.ts';
import { listJobs } from '../../../magics/jobs/index.ts';
import { type ModelRepository, makeContext, makeModelRepository } from '../eval/model-fixture.ts';
import { git } from '../governance/repository-fixture.ts';

let repository: ModelRepository;
beforeAll(async () => {
  repository = await makeModelRepository();
});
afterAll(async () => {
  for (const job of await listJobs(repository.folder)) await job.cancel();
});

const start = (options: Record<string, unknown> = {}, context = makeContext(repository.folder)) =>
  startDeployment(startOptions.parse({ model: 'cron-lora', as: 'cronApi', ...options }), context.context);
const state = async (name: string) => (await deploymentStatus(repository.folder, name))[0]!;

describe('%deploy', () => {
  it('serves a model to the official client from a process of its own, and ends it when told to', async () => {
    const { context, text } = makeContext(repository.folder);
    const deployment = await start({}, { context, shown: [], text });
    expect(deployment.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    expect(git(repository.folder, 'log', '-1', '--format=%s')).toBe('Deploy cron-lora@v1.0.0 as cronApi');

    const client = new OpenAI({ apiKey: deployment.apiKey, baseURL: deployment.url, maxRetries: 0 });
    const stream = await client.chat.completions.create({
      model: 'cron-lora@v1.0.0',
      messages: [{ role: 'user', content: 'every day' }],
      max_tokens: 12,
      seed: 3,
      temperature: 1,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const streamed = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
    expect(chunks.at(-1)?.usage?.completion_tokens).toBeGreaterThan(0);
    const whole = await client.chat.completions.create({
      model: 'cron-lora@v1.0.0',
      messages: [{ role: 'user', content: 'every day' }],
      max_tokens: 12,
      seed: 3,
      temperature: 1,
    });
    expect(whole.choices[0]?.message.content).toBe(streamed);
    await expect(
      new OpenAI({ apiKey: 'wrong', baseURL: deployment.url, maxRetries: 0 }).models.list(),
    ).rejects.toMatchObject({ status: 401 });

    expect(await state('cronApi')).toMatchObject({ state: 'running', url: deployment.url });
    const elsewhere = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .find(({ internal, family }) => !internal && family === 'IPv4');
    const outside = deployment.url.replace('127.0.0.1', elsewhere?.address ?? '127.0.0.2');
    await expect(fetch(outside)).rejects.toThrow();
    await deployment.stop();
    await expect(fetch(deployment.url)).rejects.toThrow();
    expect(await state('cronApi')).toMatchObject({ state: 'stopped' });
    expect((await repository.store.read('deployment', 'cronApi'))!.status).toBe('stopped');
  });

  it('asks with the prompt that the model was trained with, and says when the server has ended', async () => {
    const deployment = await start({ as: 'asked' });
    await deployment.chat('every day at nine');
    await deployment.chat({ text: 'every night' });
    await expect(deployment.chat({ txet: 'x' })).rejects.toThrow('"txet"');
    const log = readFileSync(path.join(repository.folder, '.llmops/deployments/asked/requests.jsonl'), 'utf8');
    const entries = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { input: string; promptTokens: number });
    expect(entries.map((entry) => entry.input)).toEqual(['every day at nine', 'every night']);
    expect(entries[0]!.promptTokens).toBeGreaterThan(20);
    await stopDeployment('asked', repository.folder);
    await expect(deployment.chat('hello')).rejects.toThrow(
      'The server of "asked" has ended. Start it again: %deploy cron-lora@v1.0.0 --as asked',
    );
  });

  it('keeps its key in a file of the owner and out of records, logs, events and displays', async () => {
    const { context, shown } = makeContext(repository.folder);
    const deployment = await startDeployment(startOptions.parse({ model: 'cron-lora', as: 'secretive' }), context);
    const file = path.join(repository.folder, '.llmops/deployments/secretive/key');
    expect(readFileSync(file, 'utf8').trim()).toBe(deployment.apiKey);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(deployment.apiKey).toMatch(/^sk-.{32}$/);
    const display = (deployment as unknown as Record<symbol, () => unknown>)[displaySymbol]!();
    for (const text of [
      JSON.stringify(deployment),
      inspect(deployment),
      JSON.stringify(display),
      JSON.stringify(shown),
    ])
      expect(text).not.toContain(deployment.apiKey);
    const found = execFileSync('grep', ['-rl', deployment.apiKey, repository.folder], { encoding: 'utf8' });
    expect(found.trim()).toBe(file);
    await deployment.stop();
  });

  it('takes up a running server again, and replaces one with other settings', async () => {
    const first = await start({ as: 'again' });
    const jobs = (await listJobs(repository.folder)).length;
    const second = makeContext(repository.folder);
    expect((await start({ as: 'again' }, second)).url).toBe(first.url);
    expect((await listJobs(repository.folder)).length).toBe(jobs);
    expect(second.text()).toContain('was running already');
    const third = makeContext(repository.folder);
    const replaced = await start({ as: 'again', temperature: 0.5 }, third);
    expect(third.text()).toContain('The server that ran under this name before was stopped.');
    await expect(fetch(first.url)).rejects.toThrow();
    await replaced.stop();
  });

  it('says that a killed server was lost', async () => {
    const deployment = await start({ as: 'doomed' });
    const job = (await listJobs(repository.folder)).find(({ spec }) => spec.title.endsWith('as doomed'))!;
    const started = (await job.events()).find((event) => event.type === 'started')!;
    process.kill(started.pid, 'SIGKILL');
    await expect.poll(async () => (await state('doomed')).state, { timeout: 5000 }).toBe('lost');
    expect((await state('doomed')).detail).toContain('%deploy cron-lora@v1.0.0 --as doomed');
    await expect(deployment.chat('hello')).rejects.toThrow('has ended');
    expect(await stopDeployment('doomed', repository.folder)).toMatchObject({ wasRunning: false });
  });

  it('names a free port when the wanted one is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    await expect(start({ as: 'blocked', port })).rejects.toThrow(
      new RegExp(`Port ${port} is in use by another program. Port \\d+ is free`),
    );
    other.close();
    await expect(stopDeployment('blocked', repository.folder)).rejects.toThrow('Deployment "blocked" does not exist');
  });

  it('serves other machines only with a key that the user has chosen', async () => {
    await expect(start({ as: 'open', host: '0.0.0.0' })).rejects.toThrow('can be reached from other machines');
    await expect(start({ as: 'open', host: '0.0.0.0', apiKeyEnv: 'NO_SUCH_KEY' })).rejects.toThrow(
      'The environment variable NO_SUCH_KEY holds no key',
    );
    process.env.LLMOPS_TEST_KEY = 'chosen by the user';
    const deployment = await start({ as: 'chosen', apiKeyEnv: 'LLMOPS_TEST_KEY' });
    const headers = { authorization: 'Bearer chosen by the user' };
    expect((await fetch(`${deployment.url}/models`, { headers })).status).toBe(200);
    await deployment.stop();
  });
});
