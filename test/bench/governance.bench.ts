import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { audit } from '../../magics/governance/audit/index.ts';
import { findVersion } from '../../magics/governance/find-version.ts';
import { importVersions } from '../../magics/governance/import-versions.ts';
import { openStore } from '../../magics/governance/open-store.ts';
import type { ModelVersion, RecordStore } from '../../magics/governance/store.ts';
import { makeModel } from '../magics/governance/model-fixture.ts';
import { makeRepository, makeRun } from '../magics/governance/repository-fixture.ts';
import { medianTime } from './median.ts';
import { mlflowRates } from './mlflow.ts';
import type { BenchRow } from './row.ts';

const versions = 10_000;
const models = 100;
/** Limits that the records are held to. */
const limits = { commitMs: 30, importPerSecond: 1000, listMs: 200, showMs: 50, auditSeconds: 20 };

/** One commit of a run with its version, then 10,000 model versions: imported, listed, one shown, all audited. */
export async function benchGovernance(): Promise<BenchRow[]> {
  const rows = [await benchCommit(), ...(await benchVersions(versions))];
  return [...rows, ...(await benchPeer(rows[0]!.value))];
}

/** Versions that MLflow makes one by one: it has no import, and ten thousand would take it many minutes. */
const peerVersions = 1000;

/** MLflow on SQLite, in its own process without a server between, beside ours with as many versions. */
async function benchPeer(commitMs: number): Promise<BenchRow[]> {
  const theirs = await mlflowRates(peerVersions);
  if (theirs === undefined) return [];
  const [imported, listed, shown] = await benchVersions(peerVersions);
  const beside = (name: string, value: number, unit: string, peer: number) => {
    const against = `MLflow on SQLite: ${Number(peer.toPrecision(3))} ${unit}`;
    return { name: `records: ${name}`, value, unit, against, ratio: value / peer };
  };
  return [
    beside('a run with its version', commitMs, 'ms', theirs.commitMs),
    beside('1,000 versions brought in', imported!.value, 'versions/s', theirs.perSecond),
    beside('list 1,000 versions', listed!.value, 'ms', theirs.listMs),
    beside('show one of 1,000 versions', shown!.value, 'ms', theirs.showMs),
  ];
}

async function benchCommit(): Promise<BenchRow> {
  const folder = makeRepository();
  const store = await openStore(folder);
  const value = await medianTime(41, (i) =>
    store.commit({ records: [makeRun(`run-${i}`)], message: `Run ${i}`, tags: { [`run@v1.${i}.0`]: `Run ${i}` } }),
  );
  rmSync(folder, { recursive: true });
  return under('records: commit one with its version tag', value, 'ms', limits.commitMs);
}

async function benchVersions(count: number): Promise<BenchRow[]> {
  const told = count.toLocaleString('en-US');
  const folder = makeRepository();
  const store = await openStore(folder);
  const records = Array.from({ length: count }, (_, i) =>
    makeModel(`v1.${Math.floor(i / models)}.0`, { name: `model-${i % models}`, metrics: { loss: { value: i } } }),
  );
  const startedAt = performance.now();
  await importVersions(store, records);
  const perSecond = count / ((performance.now() - startedAt) / 1000);
  const list = async () => (await reopen(store)).versions();
  const firstListMs = await medianTime(5, list, () => forgetVersions(store));
  const listMs = await medianTime(5, list);
  const showMs = await medianTime(5, async (i) => findVersion(await reopen(store), `model-${i}@v1.5.0`));
  const auditStartedAt = performance.now();
  const { problems } = await audit(await reopen(store));
  const auditSeconds = (performance.now() - auditStartedAt) / 1000;
  if (problems.length > 0) throw new Error(`The audit found ${problems.length}: ${problems[0]!.problem}`);
  // Last: these tags have no records, which the audit would find.
  const changedListMs = await medianTime(5, list, (i) => tagOneMore(store, `model-0@v2.${i}.0`));
  rmSync(folder, { recursive: true });
  const imported = { name: `records: import ${told} model versions`, value: perSecond, unit: 'versions/s' };
  return [
    { ...imported, against: `at least ${limits.importPerSecond}`, ratio: perSecond / limits.importPerSecond },
    under(`records: list ${told} versions`, listMs, 'ms', limits.listMs),
    under(`records: show one of ${told} versions`, showMs, 'ms', limits.showMs),
    under(`records: audit ${told} versions`, auditSeconds, 's', limits.auditSeconds),
    under(`records: list ${told} versions for the first time`, firstListMs, 'ms', limits.listMs),
    under(`records: list ${told} versions after a new one`, changedListMs, 'ms', limits.listMs),
  ];
}

/** As a command starts: nothing is known yet. */
const reopen = (store: RecordStore) => openStore(store.folder);

function under(name: string, value: number, unit: string, limit: number): BenchRow {
  return { name, value, unit, against: `at most ${limit} ${unit}`, ratio: value / limit };
}

/** As in a new clone. */
async function forgetVersions(store: RecordStore): Promise<void> {
  await rm(path.join(store.folder, '.llmops', 'cache'), { recursive: true, force: true });
}

async function tagOneMore(store: RecordStore, name: string): Promise<void> {
  const [{ commit }] = (await store.versions('model-0')) as [ModelVersion];
  await store.tag(async () => [{ name, commit, message: name }]);
}
