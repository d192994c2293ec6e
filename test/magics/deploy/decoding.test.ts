import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deploymentFiles } from '../../../magics/deploy/logs.ts';
import { createServer } from '../../../magics/deploy/server.ts';
import { embeddedSequence } from '../../../magics/engine/embedded-sequence.ts';
import { createGenerator } from '../../../magics/engine/generator.ts';
import type { Generator } from '../../../magics/engine/types.ts';
import { encodePrompt } from '../../../magics/prompt/format.ts';
import { decodingModel, trainedAdapter } from '../engine/decoding-model.ts';
import { marked } from './tools/templates.ts';

const apiKey = 'sk-test';
const messages = [{ role: 'user' as const, content: 'one two' }];

describe('a server on a real model', () => {
  let generator: Generator;
  let server: ReturnType<typeof createServer>;
  let client: OpenAI;
  let origin: string;
  let modelFolder: string;
  beforeAll(async () => {
    modelFolder = await decodingModel({ max_position_embeddings: 2048 });
    await setChatTemplate(modelFolder, marked);
    generator = await createGenerator({ modelFolder, device: 'cpu', threads: 1 });
    server = createServer({
      model: {
        generator,
        names: ['tiny'],
        temperature: 0,
        format: (said, tools) => encodePrompt(said, generator.tokenizer, tools),
      },
      apiKey,
      files: deploymentFiles(await mkdtemp(path.join(tmpdir(), 'decoding-')), 'tiny'),
      logText: false,
      capacity: 8,
      maxBatch: 4,
    });
    origin = await server.listen({ host: '127.0.0.1', port: 0 });
    client = new OpenAI({ apiKey, baseURL: `${origin}/v1`, maxRetries: 0 });
  });
  afterAll(async () => {
    await server.close();
    await generator.dispose();
  });

  const post = async (url: string, body: object) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` };
    const response = await fetch(`${origin}/v1/${url}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, text: await response.text() };
  };

  it('answers in the JSON that a schema describes, streamed or whole, at any temperature', async () => {
    const schema = {
      type: 'object',
      properties: { label: { type: 'string', enum: ['bug', 'feature'] }, score: { type: 'integer' } },
      required: ['label', 'score'],
      additionalProperties: false,
    };
    for (const seed of [1, 2, 3]) {
      const answer = await client.chat.completions.create({
        model: 'tiny',
        messages,
        temperature: 1.5,
        seed,
        max_tokens: 60,
        response_format: { type: 'json_schema', json_schema: { name: 'triage', schema, strict: true } },
      });
      const value = JSON.parse(answer.choices[0]!.message.content!);
      expect(Object.keys(value)).toEqual(['label', 'score']);
      expect(['bug', 'feature']).toContain(value.label);
      expect(Number.isInteger(value.score)).toBe(true);
    }
    const stream = await client.chat.completions.create({
      model: 'tiny',
      messages,
      max_tokens: 50,
      stream: true,
      response_format: { type: 'json_object' },
    });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(JSON.parse(text)).toBeTypeOf('object');
  });

  it('names a keyword of the schema that it cannot enforce', async () => {
    const schema = { type: 'object', properties: { code: { type: 'string', pattern: '^a' } }, required: ['code'] };
    await expect(
      client.chat.completions.create({
        model: 'tiny',
        messages,
        response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
      }),
    ).rejects.toMatchObject({ status: 400, message: expect.stringMatching(/"pattern" at #\/properties\/code/) });
  });

  it('reports the likeliest tokens at each place, best first', async () => {
    const answer = await client.chat.completions.create({
      model: 'tiny',
      messages,
      max_tokens: 4,
      logprobs: true,
      top_logprobs: 3,
    });
    for (const { logprob, top_logprobs: top } of answer.choices[0]!.logprobs!.content!) {
      expect(top).toHaveLength(3);
      expect(top[0]!.logprob).toBeCloseTo(logprob, 5);
      expect(top.map((one) => one.logprob)).toEqual(top.map((one) => one.logprob).sort((a, b) => b - a));
    }
  });

  it('embeds texts as the engine does, also while an answer is decoded', async () => {
    const texts = ['one two three', 'seven'];
    const reference = await generator.embed(texts.map((text) => embeddedSequence(text, generator.tokenizer)));
    const answer = client.chat.completions.create({ model: 'tiny', messages, max_tokens: 200 });
    const { data } = await client.embeddings.create({ model: 'tiny', input: texts });
    for (const [i, vector] of reference.entries()) {
      const length = Math.hypot(...vector);
      for (const [k, value] of vector.entries()) expect(data[i]!.embedding[k]).toBeCloseTo(value / length, 5);
    }
    expect((await answer).choices).toHaveLength(1);
  });

  it('loads an adapter beside the model, answers with it by its name, and unloads it', async () => {
    const folder = await trainedAdapter(modelFolder, 1);
    const ask = async (model: string) =>
      (await client.chat.completions.create({ model, messages, max_tokens: 12 })).choices[0]!.message.content;
    const base = await ask('tiny');
    expect(await post('load_lora_adapter', { lora_name: 'formal', lora_path: folder })).toMatchObject({ status: 200 });
    const ids: string[] = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toEqual(['tiny', 'formal']);
    const [adapted, plain] = await Promise.all([ask('formal'), ask('tiny')]);
    expect(plain).toBe(base);
    expect(adapted).not.toBe(base);
    expect((await post('load_lora_adapter', { lora_name: 'formal', lora_path: folder })).status).toBe(400);
    expect((await post('load_lora_adapter', { lora_name: 'x', lora_path: '/nowhere' })).text).toMatch(/nowhere/);
    expect(await post('unload_lora_adapter', { lora_name: 'formal' })).toMatchObject({ status: 200 });
    await expect(ask('formal')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
    expect((await post('unload_lora_adapter', { lora_name: 'formal' })).status).toBe(404);
    expect(await ask('tiny')).toBe(base);
  });

  it.each([false, true])(
    'calls a function with arguments as its schema says, at any temperature; stream: %s',
    async (stream) => {
      const parameters = {
        type: 'object',
        properties: { label: { $ref: '#/$defs/label' }, score: { type: 'integer' } },
        required: ['label', 'score'],
        $defs: { label: { type: 'string', enum: ['bug', 'feature'] } },
      };
      const tools = [
        { type: 'function' as const, function: { name: 'triage', parameters, strict: true } },
        { type: 'function' as const, function: { name: 'nothing' } },
      ];
      for (const seed of [1, 2, 3]) {
        const asked = {
          model: 'tiny',
          messages,
          temperature: 1.5,
          seed,
          max_tokens: 300,
          parallel_tool_calls: false,
          tools,
        };
        const toolOf = async (tool_choice: OpenAI.ChatCompletionToolChoiceOption) => {
          const request = { ...asked, tool_choice };
          const { choices } = stream
            ? await client.chat.completions.stream(request).finalChatCompletion()
            : await client.chat.completions.create(request);
          expect(choices[0]!.finish_reason).toBe('tool_calls');
          const call = choices[0]!.message.tool_calls![0]!;
          if (call.type !== 'function') throw new Error(call.type);
          return { name: call.function.name, given: JSON.parse(call.function.arguments) };
        };
        const { name, given } = await toolOf({ type: 'function', function: { name: 'triage' } });
        expect(name).toBe('triage');
        expect(['bug', 'feature']).toContain(given.label);
        expect(Number.isInteger(given.score)).toBe(true);
        expect(['triage', 'nothing']).toContain((await toolOf('required')).name);
      }
    },
  );

  it('answers with one of some choices', async () => {
    const { text } = await post('chat/completions', { model: 'tiny', messages, guided_choice: ['seven', 'eight'] });
    expect(['seven', 'eight']).toContain(JSON.parse(text).choices[0].message.content);
  });
});

async function setChatTemplate(folder: string, template: string): Promise<void> {
  const file = path.join(folder, 'tokenizer_config.json');
  const config = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...config, chat_template: template }));
}
