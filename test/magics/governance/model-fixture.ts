import { openStore } from '../../../magics/governance/open-store.ts';
import type { DatasetRecord, EvalRecord, ModelRecord } from '../../../magics/governance/records.ts';
import type { RecordStore } from '../../../magics/governance/store.ts';
import { makeRepository } from './repository-fixture.ts';

const environment = { node: 'v20.0.0', platform: 'linux', arch: 'x64', packages: {} };

export function makeModel(version: string, changes: Partial<ModelRecord> = {}): ModelRecord {
  return {
    schemaVersion: 1,
    kind: 'model',
    createdAt: '2026-01-02T03:04:05Z',
    name: 'triage',
    version,
    architecture: 'llama',
    parameters: 1000,
    inputs: [],
    metrics: { accuracy: { value: 0.9 } },
    files: [],
    ...changes,
  };
}

export function makeEval(id: string, model: string, changes: Partial<EvalRecord> = {}): EvalRecord {
  return {
    schemaVersion: 1,
    kind: 'eval',
    createdAt: new Date().toISOString(),
    id,
    task: 'triage',
    model,
    inputs: [],
    config: {},
    seed: 1,
    metrics: { exact_match: { value: 0.93, low: 0.91, high: 0.95 } },
    samples: { path: 'samples.jsonl', oid: `sha256:${'0'.repeat(64)}`, size: 1 },
    seconds: 1,
    environment,
    ...changes,
  };
}

export function makeDataset(name: string, changes: Partial<DatasetRecord> = {}): DatasetRecord {
  return {
    schemaVersion: 1,
    kind: 'dataset',
    createdAt: '2026-01-02T03:04:05Z',
    name,
    digest: `sha256:${'1'.repeat(64)}`,
    rows: 10,
    columns: [],
    inputs: [],
    recipe: [],
    object: { path: 'rows.jsonl', oid: `sha256:${'1'.repeat(64)}`, size: 1 },
    ...changes,
  };
}

/** A repository with the versions of the model `triage`, each in a commit of its own. */
export async function makeModels(
  versions: readonly string[],
  changes: Partial<ModelRecord> = {},
): Promise<{ folder: string; store: RecordStore }> {
  const folder = makeRepository();
  const store = await openStore(folder);
  for (const version of versions) {
    const tags = { [`triage@${version}`]: `triage ${version}` };
    await store.commit({ records: [makeModel(version, changes)], message: `triage ${version}`, tags });
  }
  return { folder, store };
}
