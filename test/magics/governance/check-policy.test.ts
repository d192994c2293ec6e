import { beforeAll, describe, expect, it } from 'vitest';
import { approve } from '../../../magics/governance/approvals.ts';
import { stageNames } from '../../../magics/governance/policy.ts';
import { promote } from '../../../magics/governance/promote.ts';
import type { RecordStore } from '../../../magics/governance/store.ts';
import { makeDataset, makeEval, makeModel, makeModels } from './model-fixture.ts';
import { commitPolicy, forgeHead, makeSigner, type Signer } from './signers.ts';

const approvals = (rules: unknown) => ({ schemaVersion: 1, stages: { production: { approvals: rules } } });
let bob: Signer;
let carol: Signer;

beforeAll(() => {
  bob = makeSigner('bob');
  carol = makeSigner('carol');
});

describe('policy', () => {
  it('refuses with every rule that is not met and the evidence, and lets pass once they are', async () => {
    const { store } = await makeModels(['v1.0.0'], { inputs: [{ role: 'train', kind: 'dataset', name: 'tickets' }] });
    const rules = {
      after: ['staging'],
      evaluations: [{ metric: 'exact_match', min: 0.9, bound: 'low', maxAgeDays: 30 }],
      fairness: [{ metric: 'exact_match', column: 'language', maxDifference: 0.05 }],
      licenses: ['apache-2.0', 'cc-by-4.0'],
      redacted: true,
    };
    await commitPolicy(store, { schemaVersion: 1, stages: { staging: {}, production: rules } }, []);
    const slices = [
      { column: 'language', value: 'de', metrics: { exact_match: { value: 0.82 } } },
      { column: 'language', value: 'en', metrics: { exact_match: { value: 0.93 } } },
    ];
    const old = { createdAt: '2026-01-01T00:00:00Z', slices };
    await store.commit({
      records: [makeEval('e1', 'triage@v1.0.0', old), makeDataset('tickets')],
      message: 'Evidence',
    });

    const refusal = await promote(store, 'triage', 'production').catch((error: Error) => error.message);
    expect(refusal).toMatch(/triage@v1\.0\.0 may not go to production; 6 of 6 rules/);
    expect(refusal).toMatch(/was in staging before: it never was in staging/);
    expect(refusal).toMatch(
      /exact_match >= 0\.9 .*within 30 days: the newest is \d+ days old \(llmops\/evals\/e1\.json\)/,
    );
    expect(refusal).toMatch(
      /groups of language: 0\.11 between en \(0\.93\) and de \(0\.82\) \(llmops\/evals\/e1\.json\)/,
    );
    expect(refusal).toMatch(
      /licence of data set tickets .*: its record names no licence \(llmops\/datasets\/tickets\.json\)/,
    );
    expect(refusal).toMatch(/personal data in data set tickets is redacted: no step of its recipe redacts/);
    await expect(promote(store, 'triage', 'live')).rejects.toThrow(
      '"live" is not a stage. Stages of llmops/policy.json',
    );

    const fair = [slices[1]!, { ...slices[0]!, metrics: { exact_match: { value: 0.91 } } }];
    await store.commit({
      records: [
        makeEval('e2', 'triage@v1.1.0', { slices: fair }),
        makeDataset('tickets', { license: 'CC-BY-4.0', recipe: [{ verb: 'redact', options: {} }] }),
        makeModel('v1.1.0', { license: 'apache-2.0', inputs: [{ role: 'train', kind: 'dataset', name: 'tickets' }] }),
      ],
      message: 'Better',
      tags: { 'triage@v1.1.0': 'v1.1.0' },
    });
    await promote(store, 'triage', 'staging');
    const { tag, checks } = await promote(store, 'triage', 'production');
    expect(tag).toBe('triage#production#2');
    expect(checks).toHaveLength(6);
  });

  it('asks that training data met its rules, and says which it broke', async () => {
    const inputs = [{ role: 'train' as const, kind: 'dataset' as const, name: 'tickets' }];
    const { store } = await makeModels(['v1.0.0'], { inputs });
    await commitPolicy(store, { schemaVersion: 1, stages: { production: { checked: true } } }, []);
    const checks = (passed: boolean) => ({
      rulesDigest: `sha256:${'0'.repeat(64)}`,
      passed,
      results: [{ rule: '"id" is unique', passed, finding: '3 rows repeat an earlier value', rows: passed ? 0 : 3 }],
    });
    const promotion = async (dataset: ReturnType<typeof makeDataset>) => {
      await store.commit({ records: [dataset], message: 'Data' });
      return promote(store, 'triage', 'production').then(
        ({ tag }) => tag,
        (error: Error) => error.message,
      );
    };
    expect(await promotion(makeDataset('tickets'))).toContain(
      'training data tickets meets its rules: it was held against none: %dataset check tickets --rules FILE',
    );
    expect(await promotion(makeDataset('tickets', { checks: checks(false) }))).toContain(
      'broken: "id" is unique: 3 rows repeat an earlier value',
    );
    const better = makeModel('v1.1.0', { inputs });
    await store.commit({
      records: [makeDataset('tickets', { checks: checks(true) }), better],
      message: 'Better',
      tags: { 'triage@v1.1.0': 'v1.1.0' },
    });
    expect((await promote(store, 'triage', 'production')).tag).toBe('triage#production#1');
  });

  it('counts approvals of different people and roles, never the author', async () => {
    const { store } = await makeModels(['v1.0.0'], { createdBy: 'Bob <bob@example.com>' });
    const policy = { ...approvals({ count: 1, roles: { reviewer: 1 } }), roles: { reviewer: [carol.email] } };
    await commitPolicy(store, policy, [bob, carol]);
    await approveAs(store, bob);
    await expect(promote(store, 'triage', 'production')).rejects.toThrow(
      /2 of 2 rules .*\n {2}approvals by 1: nobody; bob@example\.com is the author \(llmops\/approvals\//,
    );
    await approveAs(store, carol);
    const { checks } = await promote(store, 'triage', 'production');
    expect(checks.map((check) => check.finding)).toEqual(
      Array(2).fill('carol@example.com; bob@example.com is the author'),
    );
  });

  it('tells good, unknown, unsigned, tampered, expired and revoked signatures apart', async () => {
    const { folder, store } = await makeModels(['v1.0.0']);
    const refusal = async () => {
      const message = await promote(store, 'triage', 'production').catch((error: Error) => error.message);
      return String(message);
    };
    await commitPolicy(store, approvals({ count: 3 }), [{ ...carol, options: 'valid-before="20200101"' }]);
    await approveAs(store, bob);
    expect(await refusal()).toContain('signed with a key that llmops/allowed_signers does not name');
    await approveAs(store, carol);
    expect(await refusal()).toContain('carol@example.com signed outside the time for which the key counts');
    await commitPolicy(store, approvals({ count: 3 }), [bob, carol]);
    expect(await refusal()).not.toContain('signed with');

    await approveAs(store, bob);
    forgeHead(folder);
    expect(await refusal()).toContain('signed something else: the commit was changed after it was signed');
    const [model] = await store.versions('triage');
    const approval = (await store.list('approval'))[0]!;
    await store.commit({ records: [{ ...approval, id: 'unsigned', commit: model!.commit }], message: 'Unsigned' });
    expect(await refusal()).toContain('ada@example.com did not sign');
    await store.commit({ files: { 'llmops/revoked_signers': `${carol.publicKey}\n` }, message: 'Revoke' });
    expect(await refusal()).toContain('carol@example.com signed with a key that has been revoked');
  });

  it('names the stages that there are, with and without a policy, and says what is wrong in it', async () => {
    const { store } = await makeModels(['v1.0.0']);
    expect(await stageNames(store)).toEqual(['staging', 'production']);
    await commitPolicy(store, { schemaVersion: 1, stages: { canary: {}, live: {} } }, []);
    expect(await stageNames(store)).toEqual(['canary', 'live']);
    await commitPolicy(store, { schemaVersion: 1, stages: { production: { evaluation: [] } } }, []);
    await expect(promote(store, 'triage', 'production')).rejects.toThrow(/policy\.json is not valid.*evaluation/);
    await commitPolicy(store, approvals({ roles: { owner: 1 } }), []);
    await expect(promote(store, 'triage', 'production')).rejects.toThrow('asks for role "owner"');
  });
});

async function approveAs(store: RecordStore, signer: Signer): Promise<void> {
  const [version] = await store.versions('triage');
  await approve(store, { model: version!.ref, commit: version!.commit, stage: 'production', key: signer.key });
}
