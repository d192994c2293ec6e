import { modelNotFound, versionNotFound } from './errors.ts';
import type { ModelRecord } from './records.ts';
import { parseReference } from './reference.ts';
import type { ModelVersion, RecordStore } from './store.ts';

/** A version of a model with its record as it was then. */
export interface RecordedVersion extends ModelVersion {
  readonly record: ModelRecord;
}

/** Versions of a model (of all models without a name), newest first. A prompt's versions of the same name are left out. */
export async function modelVersions(store: RecordStore, name?: string): Promise<RecordedVersion[]> {
  const versions = await store.versions(name);
  const asked = versions.map((version) => ({ name: version.name, at: `refs/tags/${version.ref}` }));
  const records = await store.readMany('model', asked);
  return versions.flatMap((version, i) => {
    const record = records[i];
    return record?.version === version.version ? [{ ...version, record }] : [];
  });
}

/** The record of `name` (its newest version) or `name@vX.Y.Z`; a UserError names what there is. */
export async function readModel(store: RecordStore, ref: string): Promise<ModelRecord> {
  const { name, version } = parseReference(ref);
  const versions = await modelVersions(store, name);
  const found = versions.find((candidate) => version === undefined || candidate.version === version);
  if (found !== undefined) return found.record;
  if (versions.length === 0) throw modelNotFound(ref, await store.names('model'));
  const available = versions.map((candidate) => candidate.ref);
  throw versionNotFound(ref, available);
}
