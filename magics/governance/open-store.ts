import { commitFiles } from './commit-files.ts';
import { linkModel } from './link-model.ts';
import { modelCard, modelCardPath } from './model-card.ts';
import { readModel } from './model-versions.ts';
import { createObjectStore } from './objects.ts';
import { formatRecord, parseRecord } from './parse-record.ts';
import { listFiles, readLog, readObjects } from './read-objects.ts';
import { type AnyRecord, type ModelRecord, type RecordKind, type RecordOf, recordPath } from './records.ts';
import { type Committer, findCommitter, findRepository, type Repository } from './repository.ts';
import type { RecordStore } from './store.ts';
import { bumpVersion, readVersions } from './versions.ts';

/** Opens the records of the repository around `folder`. A UserError says how to make one when there is none. */
export async function openStore(folder: string): Promise<RecordStore> {
  const repository = await findRepository(folder);
  const { git } = repository;
  const objects = createObjectStore(repository.folder);
  let committer: Committer | undefined;

  const store: RecordStore = {
    folder: repository.folder,
    objects,
    async commit({ records = [], files = {}, message, tags }) {
      committer ??= await findCommitter(git);
      const texts = formatRecords(records, committer.person);
      return commitFiles(repository, committer, {
        files: { ...modelCards(records), ...files, ...texts },
        message,
        tags,
      });
    },
    async read(kind, name, { at } = {}) {
      return (await readRecords(repository, kind, [{ name, at }]))[0];
    },
    readMany: (kind, asked) => readRecords(repository, kind, asked),
    async readFile(path, { at = 'HEAD' } = {}) {
      return (await readObjects(git, [`${at}:${path}`]))[0];
    },
    list: (kind) => listRecords(repository, kind),
    async names(kind) {
      return namesIn(kind, await listFiles(git, `${folders[kind]}/`));
    },
    versions: (name) => readVersions(git, name),
    async nextVersion(name, part = 'minor') {
      return bumpVersion((await readVersions(git, name))[0]?.version, part);
    },
    log: (paths, { at, limit } = {}) => readLog(git, typeof paths === 'string' ? [paths] : paths, at, limit),
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
  eval: 'llmops/evals',
  deployment: 'llmops/deployments',
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

function namesIn(kind: RecordKind | 'prompt', paths: readonly string[]): string[] {
  const suffix = kind === 'model' ? '/model.json' : kind === 'prompt' ? '.prompt' : '.json';
  return paths
    .map((path) => path.slice(folders[kind].length + 1))
    .filter((path) => path.endsWith(suffix))
    .map((path) => path.slice(0, -suffix.length))
    .filter((name) => !name.includes('/'));
}

async function listRecords<K extends RecordKind>(repository: Repository, kind: K): Promise<RecordOf<K>[]> {
  const names = namesIn(kind, await listFiles(repository.git, `${folders[kind]}/`));
  const records = await readRecords(
    repository,
    kind,
    names.map((name) => ({ name })),
  );
  return records.filter((record) => record !== undefined);
}

async function readRecords<K extends RecordKind>(
  { git }: Repository,
  kind: K,
  asked: readonly { name: string; at?: string }[],
): Promise<(RecordOf<K> | undefined)[]> {
  const paths = asked.map(({ name }) => pathOf(kind, name));
  const texts = await readObjects(
    git,
    asked.map(({ at = 'HEAD' }, i) => `${at}:${paths[i]}`),
  );
  return texts.map((text, i) => (text === undefined ? undefined : parseRecord(kind, text, paths[i]!)));
}

function formatRecords(records: readonly AnyRecord[], person: string): Record<string, string> {
  return Object.fromEntries(
    records.map((record) => [recordPath(record), formatRecord({ ...record, createdBy: record.createdBy ?? person })]),
  );
}
