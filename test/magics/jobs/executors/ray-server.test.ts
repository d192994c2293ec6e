import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { rayHeaders, rayServer } from '../../../../magics/jobs/executors/ray-server.ts';
import { makeFolder } from '../../governance/repository-fixture.ts';

describe("Ray's job server", () => {
  it('is where the environment says, then the settings, then on this machine', async () => {
    const folder = makeFolder();
    expect(await rayServer(folder, {})).toBe('http://127.0.0.1:8265');
    mkdirSync(path.join(folder, 'llmops'));
    writeFileSync(path.join(folder, 'llmops', 'jobs.json'), '{ "ray": { "address": "https://ray.example/team/" } }');
    expect(await rayServer(folder, {})).toBe('https://ray.example/team');
    expect(await rayServer(folder, { RAY_ADDRESS: 'http://a:1' })).toBe('http://a:1');
    expect(await rayServer(folder, { RAY_ADDRESS: 'http://a:1', RAY_API_SERVER_ADDRESS: 'http://b:2' })).toBe(
      'http://b:2',
    );
  });

  it.each([
    ['ray://head:10001', 'http://head:8265'],
    ['10.0.0.1:6379', 'http://10.0.0.1:8265'],
    ['ftp://head', 'http://HOST:8265'],
  ])('an address that takes no jobs is named with what to write: %s', async (address, advice) => {
    await expect(rayServer(makeFolder(), { RAY_ADDRESS: address })).rejects.toThrow(
      `"${address}" is no address that takes jobs`,
    );
    await expect(rayServer(makeFolder(), { RAY_ADDRESS: address })).rejects.toThrow(advice);
  });

  it('a password in an address is refused and not shown', async () => {
    await expect(rayServer(makeFolder(), { RAY_ADDRESS: 'http://ada:secret@head:8265' })).rejects.toThrow(
      /^"http:\/\/\.\.\.@head:8265" is no address/,
    );
  });

  it('is told who asks by the headers and the token that Ray’s own command line sends', () => {
    expect(rayHeaders({ RAY_AUTH_TOKEN: 'abc' })).toEqual({});
    expect(rayHeaders({ RAY_AUTH_MODE: 'token', RAY_AUTH_TOKEN: 'abc' })).toEqual({ authorization: 'Bearer abc' });
    const file = path.join(makeFolder(), 'token');
    writeFileSync(file, 'def\n');
    expect(rayHeaders({ RAY_AUTH_MODE: 'token', RAY_AUTH_TOKEN_PATH: file })).toEqual({ authorization: 'Bearer def' });
    const own = { RAY_AUTH_MODE: 'token', RAY_AUTH_TOKEN: 'abc', RAY_JOB_HEADERS: '{"Authorization": "Bearer mine"}' };
    expect(rayHeaders(own)).toEqual({ Authorization: 'Bearer mine' });
    expect(() => rayHeaders({ RAY_JOB_HEADERS: 'secret' })).toThrow(/^RAY_JOB_HEADERS is no JSON object of texts/);
  });
});
