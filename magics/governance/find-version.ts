import { modelNotFound, versionNotFound } from './errors.ts';
import type { ModelRecord } from './records.ts';
import { parseReference } from './reference.ts';
import type { ModelVersion, RecordStore } from './store.ts';
import type { RegistryTag } from './tags.ts';
import { versionsOf } from './versions.ts';

/** A version of a model with its record and all that the registry's tags say about the model. */
export interface FoundVersion {
  readonly version: ModelVersion;
  readonly record: ModelRecord;
  readonly tags: readonly RegistryTag[];
}

/** The version that `name` (its newest) or `name@vX.Y.Z` means; a UserError names what there is. */
export async function findVersion(store: RecordStore, ref: string): Promise<FoundVersion> {
  const { name, version: wanted } = parseReference(ref);
  const tags = await store.tags(name);
  const versions = versionsOf(tags);
  for (const version of versions.filter((candidate) => wanted === undefined || candidate.version === wanted)) {
    // A prompt of the same name has versions too: the record says which ones are the model's.
    const record = await store.read('model', name, { at: version.commit });
    if (record?.version === version.version) return { version, record, tags };
  }
  if (versions.length === 0) throw modelNotFound(ref, await store.names('model'));
  throw versionNotFound(
    ref,
    versions.map((version) => version.ref),
  );
}
