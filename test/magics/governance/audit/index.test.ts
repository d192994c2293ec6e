import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { approve } from '../../../../magics/governance/approvals.ts';
import { audit } from '../../../../magics/governance/audit/index.ts';
import { importVersions } from '../../../../magics/governance/import-versions.ts';
import { openStore } from '../../../../magics/governance/open-store.ts';
import { promote, rollback } from '../../../../magics/governance/promote.ts';
import type { RecordStore } from '../../../../magics/governance/store.ts';
import { makeDataset, makeEval, makeModel, makeModels } from '../model-fixture.ts';
import { git, makeFolder } from '../repository-fixture.ts';
import { commitPolicy, forgeHead, makeSigner, type Signer } from '../signers.ts';

const policy = {
  schemaVersion: 1,
  stages: { production: { evaluations: [{ metric: 'exact_match', min: 0.9 }], approvals: { count: 1 } } },
};
let bob: Signer;

beforeAll(() => {
  bob = makeSigner('bob');
});

describe('audit', () => {
  it('finds nothing where everything was done by the rules: promotion, rollback, imports', async () => {
    const { store } = await makeModels(['v1.0.0', 'v1.1.0']);
    await commitPolicy(store, policy, [bob]);
    for (const version of ['v1.0.0', 'v1.1.0']) await approveAndPromote(store, version);
    await rollback(store, 'triage', 'production');
    await importVersions(store, [makeModel('v1.0.0', { name: 'old' }), makeModel('v1.1.0', { name: 'old' })]);
    const { checked, problems } = await audit(store);
    expect(problems).toEqual([]);
    expect(checked).toMatchObject({ versions: 4, stages: 3, records: 8 });
  });

  it('finds a forged approval, a stage tag against the policy, a removed one, and a removed record', async () => {
    const { folder, store } = await makeModels(['v1.0.0']);
    await commitPolicy(store, policy, [bob]);
    await approveAndPromote(store, 'v1.0.0');
    git(folder, 'tag', '-a', '-m', 'By hand', 'triage#production#3', 'triage@v1.0.0^{}');
    git(folder, 'rm', '--quiet', 'llmops/evals/eval-v1.0.0.json');
    git(folder, 'commit', '--quiet', '-m', 'Tidy');
    git(folder, 'tag', '-a', '-m', 'By hand', 'triage#production#4', 'triage@v1.0.0^{}');
    await approve(store, { ...(await version(store)), stage: 'production', key: bob.key });
    forgeHead(folder);
    const found = await problemsOf(store);
    expect(found).toContainEqual(expect.stringMatching(/^signature llmops\/approvals\/.* signed something else/));
    expect(found).toContainEqual('stage triage#production#3 number 2 is missing: a stage tag was removed');
    expect(found).toContainEqual(
      expect.stringMatching(/^policy triage#production#4 evaluation exact_match >= 0\.9: there is no/),
    );
    expect(found).toContainEqual('history llmops/evals/eval-v1.0.0.json was removed');
  });

  it('finds rewritten history, moved and missing tags, and signers changed by strangers', async () => {
    const { folder, store } = await makeModels(['v1.0.0', 'v1.1.0', 'v1.2.0']);
    await commitPolicy(store, policy, [bob]);
    await commitPolicy(store, policy, [bob, makeSigner('mallory')]);
    git(folder, 'tag', '-f', '-a', '-m', 'Moved', 'triage@v1.0.0', 'triage@v1.1.0^{}');
    git(folder, 'tag', '-d', 'triage@v1.1.0');
    git(folder, 'checkout', '--quiet', '--detach', 'triage@v1.2.0^{}');
    git(folder, 'commit', '--quiet', '--amend', '-m', 'Rewritten');
    git(folder, 'checkout', '--quiet', '-B', 'main');
    const found = await problemsOf(await openStore(folder));
    expect(found).toContainEqual('version triage@v1.0.0 its commit holds triage@v1.1.0');
    expect(found).toContainEqual(expect.stringMatching(/^version triage@v1\.1\.0 .*its tag is missing/));
    expect(found).toContainEqual(expect.stringMatching(/^version triage@v1\.2\.0 .*history was rewritten/));
    git(folder, 'reset', '--quiet', '--hard', 'main@{1}');
    const before = await problemsOf(await openStore(folder));
    expect(before).toContainEqual(expect.stringMatching(/allowed_signers was changed by somebody who did not sign/));
  });

  it('finds broken lineage, damaged records and flipped bits in stored files, and names a shallow clone', async () => {
    const { folder, store } = await makeModels(['v1.0.0']);
    const object = await store.objects.putText('{"text":"a"}\n', 'rows.jsonl');
    const input = { role: 'test', kind: 'dataset', name: 'tickets', digest: `sha256:${'7'.repeat(64)}` } as const;
    await store.commit({
      records: [makeDataset('tickets', { object }), makeEval('e1', 'triage@v9.0.0', { inputs: [input] })],
      files: { 'llmops/runs/bad.json': '{' },
      message: 'Records',
    });
    const file = await store.objects.file(object);
    const bytes = readFileSync(file);
    bytes[3]! ^= 1;
    chmodSync(file, 0o644);
    writeFileSync(file, bytes);
    const found = await problemsOf(await openStore(folder));
    expect(found).toContainEqual('lineage llmops/evals/e1.json triage@v9.0.0 is no version here');
    expect(found).toContainEqual(expect.stringContaining('tickets was never recorded with digest sha256:777'));
    expect(found).toContainEqual(expect.stringMatching(/^record llmops\/runs\/bad\.json .*not JSON/));
    expect(found).toContainEqual(
      expect.stringMatching(/^object llmops\/datasets\/tickets\.json .*rows\.jsonl is damaged/),
    );

    const clone = `${makeFolder()}/clone`;
    git(folder, 'clone', '--quiet', '--depth=1', `file://${folder}`, clone);
    expect(await problemsOf(await openStore(clone))).toContainEqual(expect.stringContaining('shallow clone'));
  });
});

async function version(store: RecordStore, name = 'v1.0.0'): Promise<{ model: string; commit: string }> {
  const found = (await store.versions('triage')).find((candidate) => candidate.version === name)!;
  return { model: found.ref, commit: found.commit };
}

async function approveAndPromote(store: RecordStore, name: string): Promise<void> {
  const approved = await version(store, name);
  await store.commit({ records: [makeEval(`eval-${name}`, approved.model)], message: 'Evaluate' });
  await approve(store, { ...approved, stage: 'production', key: bob.key });
  await promote(store, approved.model, 'production');
}

async function problemsOf(store: RecordStore): Promise<string[]> {
  return (await audit(store)).problems.map(({ rule, subject, problem }) => `${rule} ${subject} ${problem}`);
}
