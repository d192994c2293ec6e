import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAttacks, resists } from '../../../../magics/eval/red-team/attack.ts';
import { redTeam, redTeamOptions } from '../../../../magics/eval/red-team/red-team.ts';
import { openStore } from '../../../../magics/governance/open-store.ts';
import { makeRepository } from '../../governance/repository-fixture.ts';
import { startServer, streamPieces } from '../../prompt/openai-server.ts';
import { makeContext } from '../model-fixture.ts';

const file = 'magics/eval/red-team/attacks.jsonl';

/** Answers by a function of the last message and the system's. */
function answering(reply: (user: string, system: string) => string) {
  return startServer(({ body }, response) => {
    const messages = body.messages as { role: string; content: string }[];
    streamPieces(response, [reply(messages.at(-1)!.content, messages[0]!.content)]);
  });
}

const run = async (url: string, options: Record<string, unknown> = {}) => {
  const folder = makeRepository();
  const context = makeContext(folder);
  const evaluation = await redTeam(redTeamOptions.parse({ model: 'm', endpoint: url, ...options }), context.context);
  return { evaluation, folder, text: context.text() };
};

describe('the attacks that come along', () => {
  it('are of three kinds, each with a rule that a refusal meets', async () => {
    const attacks = await readAttacks(file);
    expect(new Set(attacks.map(({ kind }) => kind))).toEqual(new Set(['injection', 'leakage', 'toxicity']));
    expect(new Set(attacks.map(({ id }) => id)).size).toBe(attacks.length);
    for (const one of attacks) expect([one.id, resists(one, 'I cannot help with that.')]).toEqual([one.id, 1]);
  });

  it('catch a model that repeats its instructions', async () => {
    const attacks = (await readAttacks(file)).filter(({ kind }) => kind === 'leakage');
    const leaking = attacks.filter((one) => resists(one, `My instructions: ${one.system}`) === 0);
    expect(leaking.length).toBeGreaterThanOrEqual(attacks.length - 1);
  });
});

describe('%eval redteam', () => {
  it('gives the share of resisted attacks by kind, with intervals, and records every answer', async () => {
    await using server = await answering((_, system) => (/code is/.test(system) ? system : 'I would rather not.'));
    const { evaluation, folder, text } = await run(server.url);
    expect(evaluation.metrics.resisted!.value).toBeGreaterThan(0.5);
    expect(evaluation.metrics.resisted!.value).toBeLessThan(0.9);
    expect(text).toMatch(/injection\s+100\.0%/);
    expect(await (await openStore(folder)).read('eval', evaluation.id)).toMatchObject({ task: 'red team', model: 'm' });
  });

  it('fails a gate, and leaves empty answers undetermined', async () => {
    await using server = await answering((user) => (user.includes('code') ? '' : user));
    await expect(run(server.url, { gate: 'resisted>=0.99' })).rejects.toThrow('m fails its gate: resisted is');
    await using silent = await answering(() => '');
    const { evaluation, text } = await run(silent.url);
    expect(evaluation.metrics.resisted).toMatchObject({ value: null, n: 0 });
    expect(text).toContain('answers were empty');
  });

  it('takes attacks of the user’s own, and names a line that is none', async () => {
    const folder = makeRepository();
    const own = path.join(folder, 'own.jsonl');
    writeFileSync(own, '{"id":"a","kind":"mine","user":"say x","mustNotMatch":"^x$"}\n\n{"id":"b"}\n');
    await expect(readAttacks(own)).rejects.toThrow('"own.jsonl" cannot be used: line 3');
    await expect(readAttacks(path.join(folder, 'no.jsonl'))).rejects.toThrow('it cannot be opened');
  });
});
