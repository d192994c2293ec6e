import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { scriptedGenerator } from './scripted-generator.ts';
import { post, startServer } from './server-fixture.ts';

describe('/v1/embeddings', () => {
  it('embeds texts for the official client, each to length 1, as numbers or in base64', async () => {
    const { client, files } = await startServer(scriptedGenerator(() => ''));
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
    const { origin } = await startServer(scriptedGenerator(() => '', { contextTokens: 5 }));
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
    const { client, files } = await startServer(generator, { capacity: 1, maxBatch: 2 });
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
});
