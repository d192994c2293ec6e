import { describe, expect, it } from 'vitest';
import { openStore } from '../../../magics/governance/open-store.ts';
import type { PromptVersion } from '../../../magics/prompt/history.ts';
import { prompt } from '../../../magics/prompt/index.ts';
import { loadPrompt, type Prompt, promptPath } from '../../../magics/prompt/prompt.ts';
import type { PromptAnswer } from '../../../magics/prompt/providers.ts';
import { git, makeFolder, makeRepository } from '../governance/repository-fixture.ts';
import { createTestContext, runVerb } from '../test-context.ts';
import { startServer, streamPieces } from './openai-server.ts';

const body = `---
input: { schema: { text: string } }
config: { temperature: 0, maxOutputTokens: 32 }
---
{{role "system"}}Turn the schedule into a cron expression.
{{role "user"}}{{text}}
`;

function start(folder = makeRepository()) {
  const context = createTestContext(folder);
  const run = <Result = Prompt>(verb: string, options: object) => runVerb<Result>(prompt, verb, options, context);
  return { folder, context, run };
}

describe('%%prompt', () => {
  it('commits the file with a version tag, and nothing when it did not change', async () => {
    const { folder, context, run } = start();
    const saved = await run('save', { name: 'cron', body });
    expect(saved).toMatchObject({ version: 'v1.0.0', commit: git(folder, 'rev-parse', 'HEAD') });
    expect(git(folder, 'show', 'cron@v1.0.0:llmops/prompts/cron.prompt')).toBe(body.trimEnd());
    expect(saved.render({ text: 'hourly' }).at(-1)).toEqual({ role: 'user', content: 'hourly' });
    const again = await run('save', { name: 'cron', body: `\n${body}\n` });
    expect(again).toMatchObject({ version: 'v1.0.0', commit: saved.commit });
    expect(git(folder, 'rev-list', '--count', 'HEAD')).toBe('2');
    expect(context.text()).toContain('cron@v1.0.0: inputs text (string); unchanged since');
  });

  it('gives a minor version to new words, a major one to new inputs', async () => {
    const { run } = start();
    await run('save', { name: 'cron', body });
    expect((await run('save', { name: 'cron', body: body.replace('Turn', 'Change') })).version).toBe('v1.1.0');
    const wider = body.replace('text: string', 'text: string, zone: string').replace('{{text}}', '{{text}} {{zone}}');
    expect((await run('save', { name: 'cron', body: wider })).version).toBe('v2.0.0');
  });

  it('gives a new version to a file that was edited by hand in between', async () => {
    const { folder, run } = start();
    await run('save', { name: 'cron', body });
    const store = await openStore(folder);
    await store.commit({ files: { [promptPath('cron')]: body.replace('Turn', 'Make') }, message: 'by hand' });
    expect((await loadPrompt('cron', folder)).version).toBeUndefined();
    expect((await run('save', { name: 'cron', body })).version).toBe('v1.1.0');
    expect((await loadPrompt('cron', folder)).version).toBe('v1.1.0');
  });

  it('refuses the name of a model, a bad name, and a broken prompt, and commits nothing', async () => {
    const { folder, run } = start();
    const store = await openStore(folder);
    await store.commit({ files: { 'llmops/models/triage/model.json': '{}' }, message: 'a model' });
    const head = git(folder, 'rev-parse', 'HEAD');
    await expect(run('save', { name: 'triage', body })).rejects.toThrow('"triage" is the name of a model');
    await expect(run('save', { name: 'a b', body })).rejects.toThrow('"a b" cannot name a prompt');
    await expect(run('save', { name: 'cron', body: body.replace('{{text}}', '{{txt}}') })).rejects.toThrow(
      'line 6: {{txt}} is not an input',
    );
    expect(git(folder, 'rev-parse', 'HEAD')).toBe(head);
  });

  it('works outside git, unrecorded, and offers to make a repository', async () => {
    const { context, run } = start(makeFolder());
    expect((await run('save', { name: 'cron', body })).version).toBeUndefined();
    expect(context.text()).toContain('%llmops init');
  });
});

describe('%prompt show and history', () => {
  it('shows a version, and what each version changed', async () => {
    const { context, run } = start();
    await run('save', { name: 'cron', body });
    await run('save', { name: 'cron', body: body.replace('Turn', 'Change') });
    expect((await run('show', { name: 'cron@v1.0.0' })).source).toBe(body);
    const versions = await run<PromptVersion[]>('history', { name: 'cron' });
    expect(versions.map((v) => v.ref)).toEqual(['cron@v1.1.0', 'cron@v1.0.0']);
    expect(versions[0]?.diff).toContain('-{{role "system"}}Turn');
    expect(versions[0]?.diff).toContain('+{{role "system"}}Change');
    expect(versions[1]?.diff).toContain('+{{role "user"}}{{text}}');
    expect(context.text()).toContain('cron: 2 versions');
  });
});

describe('%prompt run', () => {
  it("asks an endpoint with the prompt's own settings and shows the answer", async () => {
    await using server = await startServer((_, response) => streamPieces(response, ['0 * ', '* * *']));
    const { context, run } = start();
    await run('save', { name: 'cron', body });
    const answer = await run<PromptAnswer>('run', {
      name: 'cron',
      endpoint: server.url,
      model: 'm',
      input: 'text=hourly, please',
    });
    expect(answer.text).toBe('0 * * * *');
    expect(server.asked[0]?.body).toMatchObject({
      model: 'm',
      temperature: 0,
      max_tokens: 32,
      messages: [expect.objectContaining({ role: 'system' }), { role: 'user', content: 'hourly, please' }],
    });
    expect(context.text()).toContain('cron@v1.0.0 answered by m, 2 tokens\n0 * * * *');
  });

  it('takes an address as the model, a running deployment, bare text, JSON and objects', async () => {
    await using server = await startServer(({ url }, response) => {
      if (url.endsWith('/models'))
        response.setHeader('content-type', 'application/json').end('{"data":[{"id":"only"}]}');
      else streamPieces(response, ['ok']);
    });
    const { run } = start();
    await run('save', { name: 'cron', body });
    await run('run', { name: 'cron', model: server.url, input: 'hourly' });
    await run('run', {
      name: 'cron',
      model: { name: 'api', url: server.url, apiKey: 'k' },
      input: '{"text":"hourly"}',
    });
    await run('run', { name: 'cron', endpoint: server.url, model: 'm', input: { text: 'hourly' } });
    const chats = server.asked.filter((asked) => asked.url.endsWith('completions'));
    expect(chats.map((asked) => asked.body.model)).toEqual(['only', 'only', 'm']);
    expect(chats.map((asked) => asked.authorization)).toEqual([undefined, 'Bearer k', undefined]);
    for (const { body: sent } of chats) expect(sent.messages).toContainEqual({ role: 'user', content: 'hourly' });
  });

  it.each([
    [{ input: 'hourly' }, 'Name what answers'],
    [{ input: 'txt=hourly', endpoint: 'http://127.0.0.1:9/v1' }, '"txt" is not an input. Did you mean "text"?'],
    [{ endpoint: 'http://127.0.0.1:9/v1' }, 'missing input "text"'],
    [
      { input: 'hourly', endpoint: 'http://127.0.0.1:9/v1', keyEnv: 'LLMOPS_NO_SUCH_KEY' },
      'LLMOPS_NO_SUCH_KEY is not set',
    ],
    [{ input: 'hourly', model: 'no-such-model' }, 'Model "no-such-model" does not exist'],
  ])('refuses %j', async (options, message) => {
    const { run } = start();
    await run('save', { name: 'cron', body });
    await expect(run('run', { name: 'cron', ...options })).rejects.toThrow(message);
  });
});
