import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deprecate, promote, rollback, unassign } from '../../../magics/governance/promote.ts';
import { mintMerged, requestPromotion } from '../../../magics/governance/pull-request.ts';
import { periodsAt, stagePeriods } from '../../../magics/governance/stages.ts';
import type { RegistryTag } from '../../../magics/governance/tags.ts';
import { makeModel, makeModels } from './model-fixture.ts';
import { git } from './repository-fixture.ts';

const gto = JSON.parse(readFileSync('test/golden/governance/gto.json', 'utf8'));

describe('stages', () => {
  it('make the tags that gto makes for the same actions, and read as gto shows them', async () => {
    const { folder, store } = await makeModels(['v1.0.0', 'v1.1.0']);
    await promote(store, 'triage@v1.0.0', 'staging');
    await promote(store, 'triage@v1.0.0', 'production');
    await promote(store, 'triage', 'production');
    const files = {
      records: [makeModel('v2.0.0')],
      message: 'v2',
      tags: { 'triage@v2.0.0': 'v2', 'other@v1.0.0': 'x' },
    };
    await store.commit(files);
    await deprecate(store, 'triage@v2.0.0');
    await unassign(store, 'triage@v1.0.0', 'staging');
    const back = await rollback(store, 'triage', 'production');

    expect(back).toMatchObject({ ref: 'triage@v1.0.0', tag: 'triage#production#5' });
    expect(git(folder, 'tag').split('\n').sort()).toEqual(gto.tags.map(([tag]: [string]) => tag).sort());
    const [newest, older] = await store.versions('triage');
    expect([newest!.version, older!.stages]).toEqual([gto.show.triage.version, ['production']]);
    expect(gto.show.triage.stage).toEqual({ production: older!.version });
    const events = {
      assign: 'assignment',
      unassign: 'unassignment',
      register: 'registration',
      deregister: 'deregistration',
    };
    const ours = (await store.tags()).map(({ tag, action }) => [tag, events[action as keyof typeof events]]);
    const theirs = gto.history.filter((event: { ref: string }) => event.ref.includes('@v') || event.ref.includes('#'));
    expect(ours.sort()).toEqual(theirs.map((event: { ref: string; event: string }) => [event.ref, event.event]).sort());
  });

  it('refuse what makes no sense: twice the same, nothing to go back to, deprecating what is in use', async () => {
    const { store } = await makeModels(['v1.0.0']);
    await promote(store, 'triage', 'production');
    await expect(promote(store, 'triage', 'production')).rejects.toThrow('is in production already');
    await expect(rollback(store, 'triage', 'production')).rejects.toThrow('nothing to roll back to');
    await expect(deprecate(store, 'triage@v1.0.0')).rejects.toThrow(/is in production\. Promote or roll back/);
    await expect(promote(store, 'triage', 'pro duction')).rejects.toThrow('"pro duction" is not a stage');
    await expect(promote(store, 'triag', 'production')).rejects.toThrow('Did you mean "triage"');
  });

  it('tell what was in production on a day', () => {
    const change = (counter: number, version: string, createdAt: string): RegistryTag => ({
      ...{ tag: `triage#production#${counter}`, name: 'triage', action: 'assign', stage: 'production', counter },
      ...{ oid: version, commit: version, createdAt, by: 'Ada <ada@example.com>' },
    });
    const periods = stagePeriods([
      change(2, 'second', '2026-03-03T15:00:00+01:00'),
      change(1, 'first', '2026-03-01T10:00:00+01:00'),
      { ...change(3, 'second', '2026-03-05T00:00:00Z'), action: 'unassign' },
    ]);
    const at = (when: string) => periodsAt(periods, when).map((period) => period.commit);
    expect(at('2026-02-28')).toEqual([]);
    expect(at('2026-03-02')).toEqual(['first']);
    expect(at('2026-03-03')).toEqual(['first', 'second']);
    expect(at('2026-03-03T13:59:59Z')).toEqual(['first']);
    expect(at('2026-03-04')).toEqual(['second']);
    expect(at('2026-03-06')).toEqual([]);
  });
});

describe('promotion as a pull request', () => {
  it('makes a branch with request and evidence, and mints the tag once it is merged, once', async () => {
    const { folder, store } = await makeModels(['v1.0.0']);
    const before = git(folder, 'rev-parse', 'HEAD');
    const request = await requestPromotion(store, 'triage', 'production');
    expect(git(folder, 'rev-parse', 'HEAD')).toBe(before);
    expect(git(folder, 'rev-parse', `${request.branch}~1`)).toBe(before);
    expect(git(folder, 'show', `${request.branch}:${request.description}`)).toContain('Promote triage@v1.0.0');
    expect(git(folder, 'status', '--porcelain')).toBe('');
    expect(await mintMerged(store)).toEqual([]);

    git(folder, 'merge', '--quiet', '--no-ff', '-m', 'Merge', request.branch);
    expect(await mintMerged(store)).toMatchObject([{ tag: 'triage#production#1', ref: 'triage@v1.0.0' }]);
    expect(await mintMerged(store)).toEqual([]);
    expect((await store.versions('triage'))[0]!.stages).toEqual(['production']);
  });
});
