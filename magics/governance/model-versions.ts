import { findVersion } from './find-version.ts';
import type { ModelRecord } from './records.ts';
import type { ModelVersion, RecordStore } from './store.ts';

/** A version of a model with its record as it was then. */
export interface RecordedVersion extends ModelVersion {
  readonly record: ModelRecord;
}

/** Versions of a model (of all models without a name), newest first. A prompt's versions of the same name are left out. */
export async function modelVersions(store: RecordStore, name?: string): Promise<RecordedVersion[]> {
  const versions = await store.versions(name);
  const asked = versions.map(({ name, commit }) => ({ name, at: commit }));
  const records = await store.readMany('model', asked);
  return versions.flatMap((version, i) => {
    const record = records[i];
    return record?.version === version.version ? [{ ...version, record }] : [];
  });
}

/** The record of `name` (its newest version) or `name@vX.Y.Z`; a UserError names what there is. */
export async function readModel(store: RecordStore, ref: string): Promise<ModelRecord> {
  return (await findVersion(store, ref)).record;
}
