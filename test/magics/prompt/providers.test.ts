import { describe, expect, it } from 'vitest';
import { chat, keyFromEnvironment } from '../../../magics/prompt/providers.ts';
import { startServer, streamPieces } from './openai-server.ts';

const messages = [{ role: 'user' as const, content: 'every day' }];

describe('chat', () => {
  it('streams an answer, whatever the cuts between bytes, and counts tokens', async () => {
    await using server = await startServer((_, response) => streamPieces(response, ['0 0 ', '* * ', '* – täglich']));
    const pieces: string[] = [];
    const options = {
      endpoint: server.url,
      model: 'm',
      apiKey: 'secret',
      temperature: 0,
      onText: (p: string) => pieces.push(p),
    };
    const answer = await chat(messages, options);
    expect(answer).toEqual({
      text: '0 0 * * * – täglich',
      finishReason: 'stop',
      model: 'm',
      promptTokens: 11,
      completionTokens: 3,
    });
    expect(pieces).toEqual(['0 0 ', '* * ', '* – täglich']);
    expect(server.asked[0]).toMatchObject({
      url: '/v1/chat/completions',
      authorization: 'Bearer secret',
      body: { model: 'm', messages, stream: true, temperature: 0 },
    });
    expect(server.asked[0]?.body).not.toHaveProperty('seed');
  });

  it('takes an answer that is not streamed, and asks for the first model when none is named', async () => {
    await using server = await startServer(({ url }, response) => {
      const choice = { message: { content: 'hi' }, finish_reason: 'length' };
      const body = url.endsWith('/models')
        ? { data: [{ id: 'first' }] }
        : { choices: [choice], usage: { completion_tokens: 1 } };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    expect(await chat(messages, { endpoint: `${server.url}/` })).toMatchObject({
      text: 'hi',
      finishReason: 'length',
      model: 'first',
    });
  });

  it.each([
    [
      401,
      { error: { message: 'Incorrect API key.' } },
      'answered 401: Incorrect API key. Name the environment variable that holds the key with --key-env NAME.',
    ],
    [404, { error: { message: 'no model x' } }, 'answered 404: no model x. Check the address'],
    [500, 'oops', 'answered 500: "oops"'],
  ])('says what a refusal of %i means', async (status, body, message) => {
    await using server = await startServer((_, response) => response.writeHead(status).end(JSON.stringify(body)));
    const asked = chat(messages, { endpoint: server.url, model: 'x', apiKey: 'secret' });
    await expect(asked).rejects.toThrow(message);
    await expect(asked).rejects.toMatchObject({ name: 'UserError', message: expect.not.stringContaining('secret') });
  });

  it('says when nobody listens', async () => {
    await expect(chat(messages, { endpoint: 'http://127.0.0.1:9/v1', model: 'x' })).rejects.toThrow(
      /127\.0\.0\.1:9.* cannot be reached/,
    );
  });

  it('stops when interrupted', async () => {
    await using server = await startServer((_, response) => {
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
    });
    const controller = new AbortController();
    const asked = chat(messages, {
      endpoint: server.url,
      model: 'x',
      signal: controller.signal,
      onText: () => controller.abort(),
    });
    await expect(asked).rejects.toThrow();
    expect(controller.signal.aborted).toBe(true);
  });
});

describe('keyFromEnvironment', () => {
  it('reads the variable, or names it when it is not set', () => {
    expect(keyFromEnvironment('MY_KEY', { MY_KEY: 'k' })).toBe('k');
    expect(() => keyFromEnvironment('MY_KEY', {})).toThrow('The environment variable MY_KEY is not set');
  });
});
