import { modelVersions } from '../model-versions.ts';
import type { ModelRecord } from '../records.ts';
import type { RecordStore } from '../store.ts';
import { compareVersions } from '../versions.ts';
import type { MlflowClient } from './client.ts';
import { allVersions, findRegistered, type MlflowVersion, makeVersion, promptTags, register } from './entities.ts';
import type { SyncReport } from './report.ts';
import { mirrorTags } from './tags.ts';

/** Numbers that MLflow gives to our versions: `v1.2.0` -> `3`. */
export type VersionNumbers = ReadonlyMap<string, string>;

/** Mirrors the versions of a model; one that was registered there alone becomes the next version here. */
export async function mirrorVersions(
  store: RecordStore,
  client: MlflowClient,
  name: string,
  runIds: ReadonlyMap<string, string>,
  report: SyncReport,
): Promise<VersionNumbers> {
  const ours = (await modelVersions(store, name)).sort((a, b) => compareVersions(a.version, b.version));
  const registered = ours.length > 0 ? await register(client, name) : await findRegistered(client, name);
  if (registered === undefined || registered.tags[promptTags.isPrompt] === 'true') return new Map();
  const there = await allVersions(client, name);
  const numbers = new Map<string, string>();
  for (const { version, tags } of there) if (tags[mirrorTags.version]) numbers.set(tags[mirrorTags.version]!, version);
  for (const { version, ref, commit, record } of ours.filter((own) => !numbers.has(own.version))) {
    const source = `llmops:/${ref}`;
    const run_id = record.run === undefined ? undefined : runIds.get(record.run);
    const tags = { [mirrorTags.version]: version, [mirrorTags.commit]: commit };
    const made = await makeVersion(client, { name, source, run_id, description: record.description }, tags);
    numbers.set(version, made.version);
    report.sent.push(`version ${ref}`);
  }
  for (const foreign of there.filter(({ tags }) => tags[mirrorTags.version] === undefined)) {
    const version = await receiveVersion(store, client, name, foreign, runIds);
    numbers.set(version, foreign.version);
    report.received.push(`version ${name}@${version}`);
  }
  return numbers;
}

/** Where the files are, and in which form, MLflow knows alone: the record says so. */
async function receiveVersion(
  store: RecordStore,
  client: MlflowClient,
  name: string,
  { version: number, description, source, run_id, creation_timestamp }: MlflowVersion,
  runIds: ReadonlyMap<string, string>,
): Promise<string> {
  const origin = `version ${number} of MLflow, ${source ?? 'no source'}`;
  const earlier = (await modelVersions(store, name)).find(({ record }) => record.description?.endsWith(`(${origin})`));
  const version = earlier?.version ?? (await store.nextVersion(name));
  const run = [...runIds].find(([, id]) => id === run_id)?.[0];
  const metrics = run === undefined ? {} : ((await store.read('run', run))?.metrics ?? {});
  const record: ModelRecord = {
    schemaVersion: 1,
    kind: 'model',
    createdAt: new Date(creation_timestamp).toISOString(),
    name,
    version,
    description: [description, `(${origin})`].filter(Boolean).join(' '),
    architecture: 'unknown',
    parameters: 0,
    run,
    inputs: [],
    metrics,
    files: [],
  };
  if (earlier === undefined) {
    const tags = { [`${name}@${version}`]: `${name} ${version}, ${origin}` };
    await store.commit({ records: [record], message: `${name} ${version} from MLflow`, tags });
  }
  await client.tell('model-versions/set-tag', { name, version: number, key: mirrorTags.version, value: version });
  return version;
}
