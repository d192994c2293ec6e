import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import OpenAI, { APIError } from 'openai';
import { describe, expect, it } from 'vitest';
import { deviceFailed } from '../../../magics/engine/device-session.ts';
import { scriptedGenerator } from './scripted-generator.ts';
import { messages, post, startServer } from './server-fixture.ts';

describe('the server', () => {
  it('streams an answer to the official client, with usage', async () => {
    const { client } = await startServer(scriptedGenerator(() => '0 0 * * * 🙂'));
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
    const { client } = await startServer(scriptedGenerator((prompt) => `<${prompt}>`));
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
    const { client } = await startServer(scriptedGenerator(() => 'one END two'));
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
    const { client } = await startServer(scriptedGenerator(() => ''));
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toEqual(['cron@v1.0.0', 'cron']);
    expect((await client.models.retrieve('cron')).owned_by).toBe('llmops');
  });

  it('refuses a wrong or missing key everywhere below /v1, and tells its health without one', async () => {
    const { origin } = await startServer(scriptedGenerator(() => 'secret'));
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
    const { client, origin } = await startServer(scriptedGenerator(() => 'x', { contextTokens: 20 }));
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
    const { client, files } = await startServer(generator);
    const stream = await client.chat.completions.create({ model: 'cron', messages, stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    await expect.poll(generator.aborted).toBe(1);
    await expect.poll(async () => (await files.requests.read())[0]?.status).toBe(499);
  });

  it('answers as many requests at once as it may, and refuses more than its queue holds', async () => {
    const generator = scriptedGenerator((prompt) => prompt, { tokenMs: 60 });
    const { client, origin } = await startServer(generator, { maxBatch: 2 });
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
    const { client, files, folder } = await startServer(scriptedGenerator(() => '0 0 * * *'));
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

    const silent = await startServer(
      scriptedGenerator(() => 'hush'),
      { logText: false },
    );
    await silent.client.chat.completions.create({ model: 'cron', messages });
    const text = await readFile(path.join(silent.folder, '.llmops/deployments/cron/requests.jsonl'), 'utf8');
    expect(text).not.toMatch(/every day|hush|input/);
  });

  it('reports vLLM’s metrics', async () => {
    const { client, origin } = await startServer(scriptedGenerator(() => 'abc'));
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
    const { client, origin, files } = await startServer(scriptedGenerator(() => 'abc'));
    const { id } = await client.chat.completions.create({ model: 'cron', messages });
    const good = await post(`${origin}/v1/feedback`, { request_id: id, value: 'down', rationale: 'wrong hour' });
    expect(good.status).toBe(200);
    expect(await files.feedback.read()).toMatchObject([
      { requestId: id, name: 'thumbs', value: 'down', rationale: 'wrong hour', source: 'api' },
    ]);
    expect((await post(`${origin}/v1/feedback`, { request_id: 'chatcmpl-none', value: 'up' })).status).toBe(404);
    expect((await post(`${origin}/v1/feedback`, { request_id: id, value: 'meh' })).status).toBe(400);
  });

  it('tells of a device that fails, without blaming the request', async () => {
    const generator = scriptedGenerator(() => {
      throw deviceFailed('webgpu', new Error('Device lost.'));
    });
    const { client } = await startServer(generator);
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
    const { client } = await startServer(generator);
    await expect(client.chat.completions.create({ model: 'cron', messages })).rejects.toMatchObject({ status: 500 });
    await setTimeout(10);
    expect((await client.chat.completions.create({ model: 'cron', messages })).choices[0]?.message.content).toBe(
      'fine',
    );
  });
});
