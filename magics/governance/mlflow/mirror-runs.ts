import type { RunRecord } from '../records.ts';
import type { RecordStore } from '../store.ts';
import type { MlflowClient } from './client.ts';
import { allRuns, findExperiment, type MlflowRun } from './entities.ts';
import { receiveRun } from './receive-run.ts';
import type { SyncReport } from './report.ts';
import { runDigest, sendRun } from './send-run.ts';
import { mirrorTags, peoplesTags } from './tags.ts';

/** Mirrors the runs: an experiment for each model's name. Gives MLflow's run id of every record. */
export async function mirrorRuns(
  store: RecordStore,
  client: MlflowClient,
  names: readonly string[],
  report: SyncReport,
): Promise<Map<string, string>> {
  const records = await store.list('run');
  const runIds = new Map<string, string>();
  for (const name of names) {
    const experiment = await findExperiment(client, name);
    const there = await allRuns(client, experiment);
    const foreign = there.filter((run) => run.data.tags[mirrorTags.run] === undefined);
    for (const [id, runId] of await takeRuns(store, client, name, foreign, report)) runIds.set(id, runId);
    const mirrored = new Map(there.map((run) => [run.data.tags[mirrorTags.run], run]));
    for (const record of records.filter((candidate) => candidate.name === name && !runIds.has(candidate.id))) {
      const run = mirrored.get(record.id);
      const isComplete = run?.data.tags[mirrorTags.digest] !== undefined;
      if (isComplete) await mirrorTagsOf(store, client, record, run, report);
      else report.sent.push(`run ${record.id}`);
      const runId = isComplete ? run.info.run_id : await sendRun(store, client, experiment, record, run?.info.run_id);
      runIds.set(record.id, runId);
    }
  }
  return runIds;
}

/**
 * Records the runs that were made there, in one commit, and marks each with its record afterwards: interrupted in
 * between, it is found by its job the next time. Gives MLflow's run id of every record.
 */
async function takeRuns(
  store: RecordStore,
  client: MlflowClient,
  name: string,
  foreign: readonly MlflowRun[],
  report: SyncReport,
): Promise<Map<string, string>> {
  const known = new Map((foreign.length === 0 ? [] : await store.list('run')).map((record) => [record.job, record]));
  const taken = new Map<string, string>();
  const came: RunRecord[] = [];
  for (const run of foreign) {
    const earlier = known.get(`mlflow:${run.info.run_id}`);
    const record = earlier ?? (await receiveRun(store, client, name, run));
    if (record === undefined) continue;
    if (earlier === undefined) came.push(record);
    taken.set(record.id, run.info.run_id);
  }
  const message = came.length === 1 ? `Run ${came[0]!.id} from MLflow` : `${came.length} runs from MLflow`;
  if (came.length > 0) await store.commit({ records: came, message });
  for (const { id } of came) report.received.push(`run ${id}`);
  const stored = await store.readMany(
    'run',
    [...taken.keys()].map((id) => ({ name: id })),
  );
  for (const [i, [id, run_id]] of [...taken].entries()) {
    await client.tell('runs/set-tag', { run_id, key: mirrorTags.run, value: id });
    await client.tell('runs/set-tag', { run_id, key: mirrorTags.digest, value: runDigest(stored[i]!) });
  }
  return taken;
}

/** The tags of people: what changed there is recorded, unless the record has changed too; then git wins. */
async function mirrorTagsOf(
  store: RecordStore,
  client: MlflowClient,
  record: RunRecord,
  { info: { run_id }, data }: MlflowRun,
  report: SyncReport,
): Promise<void> {
  const [ours, theirs] = [record.tags ?? {}, peoplesTags(data.tags)];
  const isChangedHere = data.tags[mirrorTags.digest] !== runDigest(record);
  if (!isChangedHere && areEqual(ours, theirs)) return;
  let agreed = record;
  if (!isChangedHere) {
    agreed = { ...record, tags: theirs };
    await store.commit({ records: [agreed], message: `Tags of run ${record.id} from MLflow` });
    report.received.push(`tags of run ${record.id}`);
  } else if (!areEqual(ours, theirs)) {
    for (const [key, value] of Object.entries(ours)) await client.tell('runs/set-tag', { run_id, key, value });
    const gone = Object.keys(theirs).filter((key) => !Object.hasOwn(ours, key));
    for (const key of gone) await client.tell('runs/delete-tag', { run_id, key });
    report.conflicts.push(`tags of run ${record.id}: the record has changed here, so they were made as it says`);
  }
  await client.tell('runs/set-tag', { run_id, key: mirrorTags.digest, value: runDigest(agreed) });
}

function areEqual(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
