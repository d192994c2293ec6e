import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { groupBy } from '../group-by.ts';
import { localFolder } from './local-folder.ts';
import type { Repository } from './repository.ts';
import type { ModelVersion } from './store.ts';
import { listTagLines, type RegistryTag, readTags, readTagsWithLines } from './tags.ts';
import { writeFileAtomic } from './write-file-atomic.ts';

/** Fewer tags are read faster than a cache is kept. */
const enoughTags = 200;
/** Where the tags of more models changed, all tags are read. */
const fewModels = 50;
/** Part of the key: changes with the form of what is kept. */
const form = 4;

/** A model's versions, and the digest of its tags' names and oids that they were read from. */
interface KeptModel {
  readonly name: string;
  readonly tags: string;
  readonly versions: ModelVersion[];
}

interface Kept {
  /** Digest of all tags' names and oids. */
  readonly key: string;
  readonly models: KeptModel[];
}

/**
 * What `versionsOf` makes of all tags, kept in the local folder with a digest of their names and oids: while they are the
 * same, so is every version, and thousands are listed without reading thousands of objects. After a change only the
 * models whose tags changed are read.
 */
export async function cachedVersions(repository: Repository, versionsOf: VersionsOf): Promise<ModelVersion[]> {
  const file = path.join(repository.folder, '.llmops', 'cache', 'versions.json');
  const kept = await readKept(file);
  if (kept === undefined) {
    const { tags, lines } = await readTagsWithLines(repository.git);
    const versions = versionsOf(tags);
    if (lines.length >= enoughTags) await keep(repository, file, lines, modelsOf(digestsByModel(lines), versions));
    return versions;
  }
  const lines = await listTagLines(repository.git);
  if (kept.key === keyOf(lines)) return kept.models.flatMap((model) => model.versions);
  const models = await readChanged(repository, digestsByModel(lines), kept.models, versionsOf);
  await keep(repository, file, lines, models);
  return models.flatMap((model) => model.versions);
}

type VersionsOf = (tags: readonly RegistryTag[]) => ModelVersion[];

/** The models with these digests of their tags: those of `kept` whose tags are the same, and the others read anew. */
async function readChanged(
  { git }: Repository,
  digests: ReadonlyMap<string, string>,
  kept: readonly KeptModel[],
  versionsOf: VersionsOf,
): Promise<KeptModel[]> {
  const same = new Map(kept.flatMap((model) => (digests.get(model.name) === model.tags ? [[model.name, model]] : [])));
  const changed = [...digests.keys()].filter((name) => !same.has(name));
  const tags = await readTags(git, changed.length > fewModels ? undefined : changed);
  return modelsOf(digests, versionsOf(tags)).map((model) => same.get(model.name) ?? model);
}

/** A model for each digest in the order of their names, with its own of the versions. */
function modelsOf(digests: ReadonlyMap<string, string>, versions: readonly ModelVersion[]): KeptModel[] {
  const byName = groupBy(versions, ({ name }) => name);
  return [...digests.keys()].sort().map((name) => {
    return { name, tags: digests.get(name)!, versions: byName.get(name) ?? [] };
  });
}

/** A digest of the tags of each model. */
function digestsByModel(lines: readonly string[]): Map<string, string> {
  const byModel = groupBy(lines, (line) => line.slice(0, line.search(/[@#]/)));
  return new Map([...byModel].map(([name, own]) => [name, digestOf(own)]));
}

/** A digest of all tags. */
function keyOf(lines: readonly string[]): string {
  return digestOf([String(form), ...lines]);
}

function digestOf(lines: readonly string[]): string {
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

/** As it is written: of a version what its model's name does not tell. */
interface Written {
  readonly key: string;
  readonly models: [name: string, tags: string, versions: [string, commit: string, createdAt: string, ...string[]][]][];
}

/** What was kept; undefined where no file is or it is damaged. */
async function readKept(file: string): Promise<Kept | undefined> {
  try {
    const { key, models } = JSON.parse(await readFile(file, 'utf8')) as Written;
    const read = models.map(([name, tags, versions]) => {
      const all = versions.map(([version, commit, createdAt, ...stages]) => {
        return { name, version, ref: `${name}@${version}`, commit, createdAt, stages };
      });
      return { name, tags, versions: all };
    });
    return { key, models: read };
  } catch {
    return undefined;
  }
}

function written({ key, models }: Kept): Written {
  return {
    key,
    models: models.map(({ name, tags, versions }) => {
      return [name, tags, versions.map((v) => [v.version, v.commit, v.createdAt, ...v.stages])];
    }),
  };
}

async function keep(
  { folder }: Repository,
  file: string,
  lines: readonly string[],
  models: KeptModel[],
): Promise<void> {
  const kept: Kept = { key: keyOf(lines), models };
  try {
    await localFolder(folder);
    await writeFileAtomic(file, JSON.stringify(written(kept)), { durable: false });
  } catch (error) {
    // Where nothing can be written, the next list reads the tags again.
    if (!['EACCES', 'EROFS', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
