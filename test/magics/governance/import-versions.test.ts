import { expect, it } from 'vitest';
import { importVersions } from '../../../magics/governance/import-versions.ts';
import { openStore } from '../../../magics/governance/open-store.ts';
import { makeModel } from './model-fixture.ts';
import { git, makeRepository } from './repository-fixture.ts';

it('imports versions as commits with tags, or none when one of them is invalid', async () => {
  const folder = makeRepository();
  const store = await openStore(folder);
  const records = Array.from({ length: 300 }, (_, i) => makeModel(`v1.${i}.0`));
  const broken = [...records.slice(0, 299), makeModel('v1.299.0', { parameters: -1 })];
  await expect(importVersions(store, broken)).rejects.toThrow(/triage\/model\.json cannot be written/);
  expect(git(folder, 'tag')).toBe('');
  expect(git(folder, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');

  await importVersions(store, records);
  expect(await store.versions('triage')).toHaveLength(300);
  expect(git(folder, 'rev-list', '--count', 'HEAD')).toBe('301');
  expect(git(folder, 'status', '--porcelain')).toBe('');
  expect(git(folder, 'fsck', '--strict', '--no-dangling')).toBe('');
});
