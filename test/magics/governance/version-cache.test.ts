import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { openStore } from '../../../magics/governance/open-store.ts';
import { makeModels } from './model-fixture.ts';
import { git } from './repository-fixture.ts';

it('lists hundreds of versions from a cache, and reads anew those models whose tags changed', async () => {
  const { folder, store } = await makeModels(['v1.0.0']);
  const commit = git(folder, 'rev-parse', 'HEAD');
  const lines = Array.from({ length: 300 }, (_, i) => `create refs/tags/other@v1.${i}.0 ${commit}\n`);
  execFileSync('git', ['update-ref', '--stdin'], { cwd: folder, input: lines.join('') });
  const cache = path.join(folder, '.llmops/cache/versions.json');
  expect(existsSync(cache)).toBe(false);
  const first = await store.versions();
  expect(first).toHaveLength(301);

  const kept = readFileSync(cache, 'utf8');
  const listed = async () => (await (await openStore(folder)).versions()).map((v) => v.version);
  writeFileSync(cache, kept.replace('"v1.7.0"', '"from the cache"'));
  expect(await listed()).toContain('from the cache');
  git(folder, 'tag', '-a', '-m', 'live', 'triage#production#1', commit);
  expect((await store.versions()).at(-1)).toMatchObject({ ref: 'triage@v1.0.0', stages: ['production'] });
  expect(await listed()).toContain('from the cache');

  git(folder, 'tag', '-d', 'other@v1.9.0');
  const fresh = await store.versions();
  expect(fresh).toHaveLength(300);
  expect(fresh.map((v) => v.version)).not.toContain('from the cache');
  git(folder, 'tag', 'new@v1.0.0', commit);
  expect((await store.versions())[0]).toMatchObject({ ref: 'new@v1.0.0' });
  git(folder, 'tag', '-d', 'new@v1.0.0');
  expect(await store.versions()).toEqual(fresh);
  writeFileSync(cache, 'damaged');
  expect(await store.versions()).toEqual(fresh);
  expect(git(folder, 'status', '--porcelain')).toBe('');
});

it('keeps no cache where there are few', async () => {
  const { folder, store } = await makeModels(['v1.0.0', 'v1.1.0']);
  expect(await store.versions()).toHaveLength(2);
  expect(existsSync(path.join(folder, '.llmops'))).toBe(false);
});
