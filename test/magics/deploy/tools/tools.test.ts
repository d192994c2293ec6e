import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { deploymentFiles } from '../../../../magics/deploy/logs.ts';
import { createServer } from '../../../../magics/deploy/server.ts';
import { encodePrompt } from '../../../../magics/prompt/format.ts';
import { type Script, scriptedGenerator } from '../scripted-generator.ts';
import { listed, marked, plain, unmarked } from './templates.ts';

const apiKey = 'sk-test';
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function start(script: Script, answer: (prompt: string) => string, { capacity = 4, maxBatch = 4 } = {}) {
  const prompts: string[] = [];
  const said = (prompt: string) => {
    prompts.push(prompt);
    return answer(prompt);
  };
  const generator = scriptedGenerator(said, { contextTokens: 4096, ...script });
  const files = deploymentFiles(await mkdtemp(path.join(tmpdir(), 'tools-')), 'tools');
  const format = (...[messages, tools]: [Parameters<typeof encodePrompt>[0], Parameters<typeof encodePrompt>[2]?]) =>
    encodePrompt(messages, generator.tokenizer, tools);
  const server = createServer({
    model: { generator, names: ['m'], temperature: 0, format },
    apiKey,
    files,
    logText: true,
    capacity,
    maxBatch,
  });
  cleanUps.push(() => server.close());
  const origin = await server.listen({ host: '127.0.0.1', port: 0 });
  return { client: new OpenAI({ apiKey, baseURL: `${origin}/v1`, maxRetries: 0 }), files, prompts };
}

const weather: OpenAI.ChatCompletionFunctionTool = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'The weather of a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};
const question = { model: 'm', messages: [{ role: 'user' as const, content: 'Rome?' }], tools: [weather] };

/** A model that calls `weather`, says it when it has the answer, and writes calls between marks. */
function forecaster(prompt: string): string {
  if (prompt.includes('sunny')) return 'It is sunny in Rome.<end>';
  if (prompt.endsWith('<tool_call>\n')) return '{"name": "weather", "arguments": {"city": "Rome"}}';
  if (prompt.endsWith('</tool_call>')) return '';
  return 'I look.\n<tool_call>\n{"name": "weath';
}

describe('tools', () => {
  it.each([
    ['a mark of several tokens', {}],
    ['a mark that is one token', { marker: '<tool_call>' }],
  ])('are called by the official client until the model answers: %s', async (_, more) => {
    const { client, prompts } = await start({ chatTemplate: marked, ...more }, forecaster);
    const asked: string[] = [];
    const run = client.chat.completions.runTools({
      ...question,
      tools: [
        {
          type: 'function',
          function: {
            name: 'weather',
            description: 'The weather of a city.',
            parameters: weather.function.parameters!,
            parse: JSON.parse,
            function: ({ city }: { city: string }) => {
              asked.push(city);
              return 'sunny';
            },
          },
        },
      ],
    });
    expect(await run.finalContent()).toBe('It is sunny in Rome.<end>');
    expect(asked).toEqual(['Rome']);
    const [, call] = run.messages;
    expect(call).toMatchObject({ role: 'assistant', content: 'I look.' });
    // The call and its result are told to the model in its template's form.
    expect(prompts.at(-1)).toContain(
      'I look.<tool_call>\n{"name": "weather", "arguments": {"city": "Rome"}}\n</tool_call>',
    );
    expect(prompts.at(-1)).toContain('<|tool|>weather: sunny<end>');
  });

  it('are streamed after the text before them, and logged', async () => {
    const { client, files } = await start({ chatTemplate: marked }, forecaster);
    const stream = client.chat.completions.stream({ ...question, stream_options: { include_usage: true } });
    let text = '';
    stream.on('content', (delta) => {
      text += delta;
    });
    const { choices, usage } = await stream.finalChatCompletion();
    expect(text).toBe('I look.\n');
    expect(choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { tool_calls: [{ function: { name: 'weather', arguments: '{"city":"Rome"}' } }] },
    });
    expect(usage!.completion_tokens).toBeGreaterThan(
      'I look.{"name": "weather", "arguments": {"city": "Rome"}}'.length,
    );
    const [logged] = await files.requests.read();
    expect(logged).toMatchObject({ output: 'I look.\nweather({"city":"Rome"})', status: 200 });
  });

  it('may be several, unless one was asked for', async () => {
    const answer = (prompt: string) => {
      const made = prompt.split('</tool_call>').length - 1;
      const [city] = ['Rome', 'Oslo'].slice(made);
      if (prompt.endsWith('<tool_call>\n')) return `{"name": "weather", "arguments": {"city": "${city}"}}`;
      return made < 2 ? '\n<tool_call>' : '<end>';
    };
    const { client } = await start({ chatTemplate: marked }, answer);
    const citiesOf = async (more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {}) => {
      const { choices } = await client.chat.completions.create({ ...question, ...more });
      const calls = choices[0]!.message.tool_calls ?? [];
      expect(new Set(calls.map((call) => call.id)).size).toBe(calls.length);
      return calls.map((call) => (call.type === 'function' ? call.function.arguments : ''));
    };
    expect(await citiesOf()).toEqual(['{"city":"Rome"}', '{"city":"Oslo"}']);
    expect(await citiesOf({ parallel_tool_calls: false })).toEqual(['{"city":"Rome"}']);
    const tool_choice = { type: 'function' as const, function: { name: 'weather' } };
    expect(await citiesOf({ tool_choice })).toEqual(['{"city":"Rome"}']);
  });

  it('are a list, or the answer itself, where the template writes them so', async () => {
    const list =
      '[{"name": "weather", "arguments": {"city": "Rome"}}, {"name": "weather", "arguments": {"city": "Oslo"}}]';
    const listing = await start({ chatTemplate: listed }, (prompt) =>
      prompt.endsWith('[CALLS] ') ? list : '[CALLS] [',
    );
    const { choices } = await listing.client.chat.completions.create(question);
    expect(choices[0]!.message).toMatchObject({ content: null, tool_calls: [{}, {}] });

    const bare = await start({ chatTemplate: unmarked }, (prompt) =>
      prompt.includes('Rome?') ? '{"name": "weather", "parameters": {"city": "Rome"}}' : '{"temperature": 21}',
    );
    const ask = (content: string) =>
      bare.client.chat.completions.stream({ ...question, messages: [{ role: 'user', content }] }).finalChatCompletion();
    const called = await ask('Rome?');
    expect(called.choices[0]!.message).toMatchObject({
      content: null,
      tool_calls: [{ function: { name: 'weather' } }],
    });
    // JSON that is no call of a tool is an answer.
    const answered = await ask('As JSON!');
    expect(answered.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: '{"temperature": 21}' } });
  });

  it('are called in an answer that has begun, however many requests wait', async () => {
    const { client } = await start({ chatTemplate: marked, tokenMs: 1 }, forecaster, { capacity: 1, maxBatch: 1 });
    const answers = await Promise.all([1, 2].map(() => client.chat.completions.create(question)));
    expect(answers.map(({ choices }) => choices[0]!.finish_reason)).toEqual(['tool_calls', 'tool_calls']);
  });

  it('that are not to be called are not, and a call that was cut off is none', async () => {
    const { client, prompts } = await start({ chatTemplate: marked }, (prompt) =>
      prompt.endsWith('<tool_call>\n') ? '{"name": "weather", "arg' : 'No.',
    );
    const none = await client.chat.completions.create({ ...question, tool_choice: 'none' });
    expect(none.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'No.' } });
    expect(prompts[0]).toContain('Functions: [');
    const cut = await client.chat.completions.create({ ...question, tool_choice: 'required', max_tokens: 40 });
    expect(cut.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: '' } });
    expect(cut.choices[0]!.message.tool_calls).toBeUndefined();
  });
});

describe('a request with tools that cannot be answered', () => {
  const refusal = async (chatTemplate: string, more: object) => {
    const { client } = await start({ chatTemplate }, () => 'x');
    const body = { ...question, ...more } as OpenAI.ChatCompletionCreateParamsNonStreaming;
    return client.chat.completions.create(body).then(
      () => undefined,
      (error: { status: number; param: string; message: string }) => error,
    );
  };

  it.each([
    ['tools', 'chat template does not say how', {}, plain],
    ['tool_choice', 'none of the tools: weather', { tool_choice: { type: 'function', function: { name: 'wether' } } }],
    ['tool_choice', 'needs tools', { tools: [], tool_choice: 'required' }],
    ['response_format', 'does not go with tools', { response_format: { type: 'json_object' } }],
    ['guided_choice', 'does not go with tools', { guided_choice: ['a'] }],
    ['tools.0.function.name', 'letters', { tools: [{ type: 'function', function: { name: 'a b' } }] }],
    ['tools.0.type', 'only functions', { tools: [{ type: 'custom', custom: { name: 'a' } }] }],
    [
      'tools',
      'the keyword "pattern"',
      {
        tools: [
          {
            type: 'function',
            function: {
              name: 'a',
              strict: true,
              parameters: { type: 'object', properties: { b: { type: 'string', pattern: '^b' } } },
            },
          },
        ],
      },
    ],
    [
      'messages.0.tool_calls.0.function.arguments',
      'no JSON object',
      {
        messages: [
          {
            role: 'assistant',
            tool_calls: [{ id: 'a', type: 'function', function: { name: 'a', arguments: '{"a":' } }],
          },
        ],
      },
    ],
  ])('names %s: %s', async (param, message, more, template = marked) => {
    const error = await refusal(template, more);
    expect(error).toMatchObject({ status: 400, param });
    expect(error!.message).toContain(message);
  });
});
