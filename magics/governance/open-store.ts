import { commitFiles, createTags } from './commit-files.ts';
import { linkModel } from './link-model.ts';
import { modelCard, modelCardPath } from './model-card.ts';
import { readModel } from './model-versions.ts';
import { createObjectStore } from './objects.ts';
import { formatRecord, parseRecord } from './parse-record.ts';
import { listFolder, readLog, readTexts } from './read-objects.ts';
import { type AnyRecord, type ModelRecord, type RecordKind, type RecordOf, recordPath } from './records.ts';
import {
  type Committer,
  findCommitter,
  findRepository,
  type Repository,
  type RepositoryOptions,
} from './repository.ts';
import type { RecordStore } from './store.ts';
import { readTags, readTagsOf } from './tags.ts';
import { bumpVersion, readVersions } from './versions.ts';

/** Opens the records of the repository around `folder`. A UserError says how to make one when there is none. */
export async function openStore(folder: string, options: RepositoryOptions = {}): Promise<RecordStore> {
  const repository = await findRepository(folder, options);
  const { git, read, ref } = repository;
  const objects = createObjectStore(repository.folder);
  let committer: Committer | undefined;

  const identify = async () => {
    committer ??= await findCommitter(git);
    return committer;
  };

  const store: RecordStore = {
    folder: repository.folder,
    repository,
    objects,
    async commit({ records = [], files = {}, message, tags, branch, signing }) {
      const person = await identify();
      const texts = formatRecords(records, person.person);
      const target = branch === undefined ? repository : { ...repository, ref: `refs/heads/${branch}` };
      const base = branch === undefined ? repository.base : ref;
      const changes = { files: { ...modelCards(records), ...files, ...texts }, message, tags, base, signing };
      return commitFiles(target, person, changes);
    },
    tags: (name) => (name === undefined ? readTags(git) : readTagsOf(git, name)),
    async tag(plan) {
      return createTags(repository, await identify(), plan);
    },
    async person() {
      return (await identify()).person;
    },
    async read(kind, name, { at } = {}) {
      return (await readRecords(repository, kind, [{ name, at }]))[0];
    },
    readMany: (kind, asked) => readRecords(repository, kind, asked),
    async readFile(path, { at = ref } = {}) {
      return (await readTexts(read, [`${at}:${path}`]))[0];
    },
    list: (kind, { at = ref } = {}) => listRecords({ ...repository, ref: at }, kind),
    names: (kind) => listNames(repository, kind),
    versions: (name) => readVersions(repository, name),
    async nextVersion(name, part = 'minor') {
      return bumpVersion((await readVersions(repository, name))[0]?.version, part);
    },
    log: (paths, { at = ref, limit } = {}) => readLog(git, typeof paths === 'string' ? [paths] : paths, at, limit),
    async modelFolder(ref) {
      return linkModel(repository.folder, await readModel(store, ref), objects);
    },
  };
  return store;
}

export { readModel };

const folders = {
  dataset: 'llmops/datasets',
  prompt: 'llmops/prompts',
  model: 'llmops/models',
  run: 'llmops/runs',
  sweep: 'llmops/sweeps',
  eval: 'llmops/evals',
  deployment: 'llmops/deployments',
  approval: 'llmops/approvals',
  promotion: 'llmops/promotions',
} as const;

/** Cards of the models among the records, told with their runs when those are committed along. */
function modelCards(records: readonly AnyRecord[]): Record<string, string> {
  const runs = records.filter((record) => record.kind === 'run');
  const models = records.filter((record) => record.kind === 'model');
  const cardOf = (model: ModelRecord) =>
    modelCard(
      model,
      runs.find((run) => run.id === model.run),
    );
  return Object.fromEntries(models.map((model) => [modelCardPath(model.name), cardOf(model)]));
}

function pathOf(kind: RecordKind, name: string): string {
  return kind === 'model' ? `${folders.model}/${name}/model.json` : `${folders[kind]}/${name}.json`;
}

async function listNames({ read, ref }: Repository, kind: RecordKind | 'prompt'): Promise<string[]> {
  const suffix = kind === 'model' ? '/' : kind === 'prompt' ? '.prompt' : '.json';
  const names = await listFolder(read, `${ref}:${folders[kind]}`);
  return names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length));
}

async function listRecords<K extends RecordKind>(repository: Repository, kind: K): Promise<RecordOf<K>[]> {
  const names = await listNames(repository, kind);
  const asked = names.map((name) => ({ name }));
  return (await readRecords(repository, kind, asked)).filter((record) => record !== undefined);
}

async function readRecords<K extends RecordKind>(
  { read, ref }: Repository,
  kind: K,
  asked: readonly { name: string; at?: string }[],
): Promise<(RecordOf<K> | undefined)[]> {
  const paths = asked.map(({ name }) => pathOf(kind, name));
  const texts = await readTexts(
    read,
    asked.map(({ at = ref }, i) => `${at}:${paths[i]}`),
  );
  return texts.map((text, i) => (text === undefined ? undefined : parseRecord(kind, text, paths[i]!)));
}

function formatRecords(records: readonly AnyRecord[], person: string): Record<string, string> {
  return Object.fromEntries(
    records.map((record) => [recordPath(record), formatRecord({ ...record, createdBy: record.createdBy ?? person })]),
  );
}
