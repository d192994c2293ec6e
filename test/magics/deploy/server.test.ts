import { mkdtemp, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import OpenAI, { APIError } from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { deploymentFiles } from '../../../magics/deploy/logs.ts';
import { createServer, type ServerOptions } from '../../../magics/deploy/server.ts';
import { deviceFailed } from '../../../magics/engine/device-session.ts';
import { type ScriptedGenerator, scriptedGenerator } from './scripted-generator.ts';

const apiKey = 'sk-test-key';
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function start(generator: ScriptedGenerator, options: Partial<ServerOptions> = {}) {
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

const post = (url: string, body: unknown, key = apiKey) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const messages = [{ role: 'user' as const, content: 'every day' }];

describe('the server', () => {
  it('streams an answer to the official client, with usage', async () => {
    const { client } = await start(scriptedGenerator(() => '0 0 * * * 🙂'));
    const stream = await client.chat.completions.create({
      model: 'cron@v1.0.0',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    const deltas: string[] = [];
    let usage: OpenAI.CompletionUsage | null | undefined;
    let finishReason: string | null | undefined;
    for await (const chunk of stream) {
      deltas.push(chunk.choices[0]?.delta.content ?? '');
      finishReason = chunk.choices[0]?.finish_reason ?? finishReason;
      usage = chunk.usage ?? usage;
    }
    expect(deltas.join('')).toBe('0 0 * * * 🙂');
    expect(deltas.filter((delta) => delta !== '').length).toBeGreaterThan(5);
    expect(finishReason).toBe('stop');
    expect(usage).toEqual({ prompt_tokens: 9, completion_tokens: 14, total_tokens: 23 });
  });

  it('answers chat and completions whole', async () => {
    const { client } = await start(scriptedGenerator((prompt) => `<${prompt}>`));
    const chat = await client.chat.completions.create({ model: 'cron', messages, logprobs: true });
    expect(chat.choices[0]?.message.content).toBe('<every day>');
    expect(chat.choices[0]?.logprobs?.content?.[0]).toEqual({
      token: '<',
      logprob: -0.5,
      bytes: [60],
      top_logprobs: [],
    });
    const completion = await client.completions.create({ model: 'cron', prompt: 'abc', max_tokens: 3 });
    expect(completion.choices[0]).toMatchObject({ text: '<ab', finish_reason: 'length' });
    expect(completion.usage).toEqual({ prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 });
  });

  it('streams completions and never gives out a stop string or a part of it', async () => {
    const { client } = await start(scriptedGenerator(() => 'one END two'));
    const stream = await client.completions.create({
      model: 'cron',
      prompt: 'x',
      stream: true,
      stop: ['END'],
      max_tokens: 50,
    });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.text ?? '';
    expect(text).toBe('one ');
  });

  it('lists its models', async () => {
    const { client } = await start(scriptedGenerator(() => ''));
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toEqual(['cron@v1.0.0', 'cron']);
    expect((await client.models.retrieve('cron')).owned_by).toBe('llmops');
  });

  it('refuses a wrong or missing key everywhere below /v1, and tells its health without one', async () => {
    const { origin } = await start(scriptedGenerator(() => 'secret'));
    const wrong = new OpenAI({ apiKey: 'sk-wrong', baseURL: `${origin}/v1`, maxRetries: 0 });
    await expect(wrong.chat.completions.create({ model: 'cron', messages })).rejects.toMatchObject({
      status: 401,
      code: 'invalid_api_key',
    });
    for (const url of ['/v1/models', '/v1/nothing', '/v1']) expect((await fetch(origin + url)).status, url).toBe(401);
    expect((await post(`${origin}/v1/feedback`, {}, 'sk-test-ke')).status).toBe(401);
    expect(await (await fetch(`${origin}/health`)).json()).toEqual({ status: 'ok', model: 'cron@v1.0.0' });
  });

  it('names what is wrong with a request, in OpenAI’s error shape', async () => {
    const { client, origin } = await start(scriptedGenerator(() => 'x', { contextTokens: 20 }));
    const failure = async (body: Record<string, unknown>) => {
      const response = await post(`${origin}/v1/chat/completions`, { model: 'cron', messages, ...body });
      const { error } = (await response.json()) as { error: { message: string; param: string | null; type: string } };
      return { status: response.status, ...error };
    };
    expect(await failure({ temprature: 1 })).toMatchObject({ status: 400, param: 'temprature' });
    expect(await failure({ temperature: 3 })).toMatchObject({ status: 400, param: 'temperature' });
    expect(await failure({ n: 2 })).toMatchObject({ status: 400, param: 'n', type: 'invalid_request_error' });
    expect(await failure({ messages: [{ role: 'robot', content: '' }] })).toMatchObject({ param: 'messages.0.role' });
    expect(await failure({ max_tokens: 50 })).toMatchObject({ status: 400, code: 'context_length_exceeded' });
    expect(await failure({ model: 'gpt-4' })).toMatchObject({ status: 404, code: 'model_not_found' });
    expect((await post(`${origin}/v1/chat/completions`, '{"broken')).status).toBe(400);
    expect((await post(`${origin}/v1/chat/completions`, { big: 'x'.repeat(1_100_000) })).status).toBe(413);
    expect((await post(`${origin}/v1/nothing`, {})).status).toBe(404);
    await expect(client.models.retrieve('nope')).rejects.toBeInstanceOf(APIError);
  });

  it('stops generating when the client goes away, and logs it', async () => {
    const generator = scriptedGenerator(() => 'a'.repeat(400), { tokenMs: 5 });
    const { client, files } = await start(generator);
    const stream = await client.chat.completions.create({ model: 'cron', messages, stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    await expect.poll(generator.aborted).toBe(1);
    await expect.poll(async () => (await files.requests.read())[0]?.status).toBe(499);
  });

  it('answers as many requests at once as it may, and refuses more than its queue holds', async () => {
    const generator = scriptedGenerator((prompt) => prompt, { tokenMs: 60 });
    const { client, origin } = await start(generator, { maxBatch: 2 });
    const ask = (content: string) =>
      client.chat.completions.create({ model: 'cron', messages: [{ role: 'user', content }] });
    const first = ['first', 'other'].map(ask);
    await expect.poll(() => generator.batches.length).toBe(2);
    const waiting = ['aa', 'bb', 'cc', 'dd'].map(ask);
    await expect
      .poll(async () => (await (await fetch(`${origin}/metrics`)).text()).match(/num_requests_waiting\{.*\} (\d)/)?.[1])
      .toBe('4');
    await expect(ask('one too many')).rejects.toMatchObject({ status: 503, code: 'overloaded' });
    const answers = await Promise.all([...first, ...waiting]);
    expect(answers.map((a) => a.choices[0]?.message.content)).toEqual(['first', 'other', 'aa', 'bb', 'cc', 'dd']);
  });

  it('logs every request for its owner only, and leaves text out when told to', async () => {
    const { client, files, folder } = await start(scriptedGenerator(() => '0 0 * * *'));
    await client.chat.completions.create({ model: 'cron', messages });
    await client.chat.completions.create({ model: 'nope', messages }).catch(() => undefined);
    const [good, bad] = await files.requests.read();
    expect(good).toMatchObject({
      endpoint: 'chat',
      status: 200,
      promptTokens: 9,
      completionTokens: 9,
      input: 'every day',
      output: '0 0 * * *',
    });
    expect(good!.timeToFirstTokenMs).toBeLessThanOrEqual(good!.latencyMs);
    expect(bad).toMatchObject({ status: 404, completionTokens: null });
    const file = path.join(folder, '.llmops/deployments/cron/requests.jsonl');
    expect((await stat(file)).mode & 0o777).toBe(0o600);

    const silent = await start(
      scriptedGenerator(() => 'hush'),
      { logText: false },
    );
    await silent.client.chat.completions.create({ model: 'cron', messages });
    const text = await readFile(path.join(silent.folder, '.llmops/deployments/cron/requests.jsonl'), 'utf8');
    expect(text).not.toMatch(/every day|hush|input/);
  });

  it('reports vLLM’s metrics', async () => {
    const { client, origin } = await start(scriptedGenerator(() => 'abc'));
    await client.chat.completions.create({ model: 'cron', messages });
    const text = await (await fetch(`${origin}/metrics`)).text();
    expect(text).toContain('vllm:prompt_tokens_total{model_name="cron@v1.0.0"} 9');
    expect(text).toContain('vllm:generation_tokens_total{model_name="cron@v1.0.0"} 3');
    expect(text).toContain('vllm:num_requests_running{model_name="cron@v1.0.0"} 0');
    for (const name of ['time_to_first_token', 'inter_token_latency', 'e2e_request_latency']) {
      expect(text).toMatch(new RegExp(`vllm:${name}_seconds_count\\{model_name="cron@v1.0.0"\\} [12]`));
    }
  });

  it('takes feedback on a request that it answered', async () => {
    const { client, origin, files } = await start(scriptedGenerator(() => 'abc'));
    const { id } = await client.chat.completions.create({ model: 'cron', messages });
    const good = await post(`${origin}/v1/feedback`, { request_id: id, value: 'down', rationale: 'wrong hour' });
    expect(good.status).toBe(200);
    expect(await files.feedback.read()).toMatchObject([
      { requestId: id, name: 'thumbs', value: 'down', rationale: 'wrong hour', source: 'api' },
    ]);
    expect((await post(`${origin}/v1/feedback`, { request_id: 'chatcmpl-none', value: 'up' })).status).toBe(404);
    expect((await post(`${origin}/v1/feedback`, { request_id: id, value: 'meh' })).status).toBe(400);
  });

  it('embeds texts for the official client, each to length 1, as numbers or in base64', async () => {
    const { client, files } = await start(scriptedGenerator(() => ''));
    const input = ['aab', 'b'];
    // Without an encoding_format the client asks for base64 and decodes it.
    const packed = await client.embeddings.create({ model: 'cron', input });
    const plain = await client.embeddings.create({ model: 'cron', input, encoding_format: 'float' });
    expect(plain.data.map(({ index, object }) => ({ index, object }))).toEqual([
      { index: 0, object: 'embedding' },
      { index: 1, object: 'embedding' },
    ]);
    expect(plain.data[0]!.embedding).toHaveLength(256);
    expect(plain.data[0]!.embedding[97]).toBeCloseTo(2 / Math.sqrt(5), 6);
    expect(plain.data[0]!.embedding[98]).toBeCloseTo(1 / Math.sqrt(5), 6);
    expect(plain.data[1]!.embedding[98]).toBe(1);
    expect([...packed.data[0]!.embedding]).toEqual(plain.data[0]!.embedding);
    expect(plain).toMatchObject({ model: 'cron@v1.0.0', usage: { prompt_tokens: 4, total_tokens: 4 } });
    const tokens = await client.embeddings.create({ model: 'cron', input: [97, 97, 98], encoding_format: 'float' });
    expect(tokens.data[0]!.embedding).toEqual(plain.data[0]!.embedding);
    const [entry] = await files.requests.read();
    expect(entry).toMatchObject({ endpoint: 'embeddings', status: 200, promptTokens: 4, completionTokens: 0 });
    expect(entry).not.toHaveProperty('input');
    expect(entry!.id).toMatch(/^embd-/);
  });

  it('names the text that cannot be embedded', async () => {
    const { origin } = await start(scriptedGenerator(() => '', { contextTokens: 5 }));
    const failure = async (body: object) => {
      const response = await post(`${origin}/v1/embeddings`, { model: 'cron', ...body });
      const { error } = (await response.json()) as { error: { message: string; code: string | null } };
      return { status: response.status, ...error };
    };
    expect(await failure({ input: ['a', ''] })).toMatchObject({
      status: 400,
      message: expect.stringMatching(/Input 1/),
    });
    expect(await failure({ input: ['a', 'b', '123456'] })).toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
      message: expect.stringMatching(/Input 2 has 6 tokens.* 5\./),
    });
    expect(await failure({ input: [] })).toMatchObject({ status: 400, message: expect.stringMatching(/1 to 2048/) });
    expect(await failure({ input: 'a', dimensions: 8 })).toMatchObject({ status: 400, param: 'dimensions' });
    expect(await failure({ input: 'a', encoding_format: 'hex' })).toMatchObject({ param: 'encoding_format' });
    expect(await failure({ input: 'a', model: 'ada' })).toMatchObject({ status: 404, code: 'model_not_found' });
  });

  it('embeds a batch at a time, stops when the client goes away, and refuses more than may wait', async () => {
    const generator = scriptedGenerator(() => '');
    const sizes: number[] = [];
    const { embed } = generator;
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    generator.embed = async (...args) => {
      sizes.push(args[0].length);
      await gate;
      return embed(...args);
    };
    const { client, files } = await start(generator, { capacity: 1, maxBatch: 2 });
    const leaving = new AbortController();
    const ask = (input: string[], signal?: AbortSignal) =>
      client.embeddings.create({ model: 'cron', input }, { signal });
    const gone = ask(['a', 'b', 'c'], leaving.signal).catch((error: Error) => error);
    await expect.poll(() => sizes).toEqual([2]);
    const waiting = ask(['a', 'b', 'c']);
    await expect.poll(() => sizes).toEqual([2, 2]);
    await expect(ask(['d'])).rejects.toMatchObject({ status: 503, code: 'overloaded' });
    leaving.abort();
    expect(await gone).toBeInstanceOf(Error);
    await setTimeout(50);
    open();
    expect((await waiting).data).toHaveLength(3);
    expect(sizes).toEqual([2, 2, 1]);
    await expect
      .poll(async () => (await files.requests.read()).map(({ status }) => status).sort())
      .toEqual([200, 499, 503]);
  });

  it('tells of a device that fails, without blaming the request', async () => {
    const generator = scriptedGenerator(() => {
      throw deviceFailed('webgpu', new Error('Device lost.'));
    });
    const { client } = await start(generator);
    await expect(client.chat.completions.create({ model: 'cron', messages })).rejects.toMatchObject({
      status: 500,
      message: expect.stringMatching(/"webgpu".* Device lost\. .*--device cpu/),
    });
  });

  it('answers the next request after an unexpected failure of the model', async () => {
    const generator = scriptedGenerator(() => 'fine');
    let failures = 1;
    const generate = generator.generate;
    generator.generate = async (...args) => {
      if (failures-- > 0) throw new Error('out of memory at 0xdeadbeef');
      return generate(...args);
    };
    const { client } = await start(generator);
    await expect(client.chat.completions.create({ model: 'cron', messages })).rejects.toMatchObject({ status: 500 });
    await setTimeout(10);
    expect((await client.chat.completions.create({ model: 'cron', messages })).choices[0]?.message.content).toBe(
      'fine',
    );
  });
});
