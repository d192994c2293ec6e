import type { Input } from '../governance/record-parts.ts';
import { recordPath } from '../governance/records.ts';
import type { RecordStore } from '../governance/store.ts';
import type { Evidence } from './gather.ts';

/** Every data set that a record names by digest must have been recorded with that digest at some commit. */
export async function checkLineage(store: RecordStore, evidence: Evidence): Promise<string[]> {
  const records = [...evidence.datasets, ...evidence.runs, ...evidence.models, ...evidence.evals];
  const problems: string[] = [];
  for (const record of records) {
    for (const input of record.inputs) {
      if (input.kind !== 'dataset' || input.digest === undefined) continue;
      if (await wasRecorded(store, input)) continue;
      problems.push(`${recordPath(record)}: data set ${input.name} was never recorded with digest ${input.digest}.`);
    }
  }
  return problems;
}

async function wasRecorded(store: RecordStore, { name, digest }: Input): Promise<boolean> {
  const now = await store.read('dataset', name);
  if (now?.digest === digest) return true;
  const log = await store.log(`llmops/datasets/${name}.json`);
  const earlier = await store.readMany(
    'dataset',
    log.map(({ commit }) => ({ name, at: commit })),
  );
  return earlier.some((record) => record?.digest === digest);
}
