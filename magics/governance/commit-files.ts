import path from 'node:path';
import { pathOutside, tagExists, tagInvalid } from './errors.ts';
import { makeObject } from './git-objects.ts';
import { publishWithIndex } from './index-update.ts';
import { type Blob, type Head, makeCommit, makeTag, type NamedTag, storeObjects } from './make-commit.ts';
import { putInTree } from './put-in-tree.ts';
import type { Committer, Repository } from './repository.ts';
import { withRepositoryLock } from './repository-lock.ts';
import type { RecordCommit } from './store.ts';

/** Files to commit (path in the repository -> text) and annotated tags to put on the commit (name -> message). */
export interface FileChanges {
  readonly files: Readonly<Record<string, string>>;
  readonly message: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** What a branch that does not exist yet starts from. */
  readonly base?: string;
  /** Options of `git commit-tree`, which then makes the commit: `-S` and the key to sign with. */
  readonly signing?: readonly string[];
}

/**
 * Commits files on top of the records' ref without touching the user's staged and unstaged work: the objects are made
 * here and stored by `git unpack-objects`; commit and tags appear in one ref transaction, and when the ref has moved
 * meanwhile, everything is redone on the new one. Hooks on commits do not run, `commit.gpgsign` is honoured.
 * The lock only keeps our own writers from redoing each other's work.
 */
export async function commitFiles(
  repository: Repository,
  committer: Committer,
  changes: FileChanges,
): Promise<RecordCommit> {
  for (const file of Object.keys(changes.files)) checkPath(file);
  for (const tag of Object.keys(changes.tags ?? {})) checkTag(tag);
  const blobs = Object.entries(changes.files).map(([file, text]) => ({
    path: file,
    object: makeObject('blob', text, repository.objectFormat),
  }));
  return withRepositoryLock(repository, () => commitBlobs(repository, committer, blobs, changes));
}

/** A tag to make on a commit that exists. */
export interface NewTag {
  readonly name: string;
  readonly commit: string;
  readonly message: string;
}

/** Makes annotated tags, all or none. `plan` says which; it is asked again when another writer was faster. */
export async function createTags(
  repository: Repository,
  committer: Committer,
  plan: () => Promise<readonly NewTag[]>,
): Promise<readonly NewTag[]> {
  return withRepositoryLock(repository, async () => {
    const planned = await plan();
    const tags = planned.map(({ name, commit, message }) => {
      checkTag(name);
      return makeTag(repository, committer, commit, name, message);
    });
    const head = await readHead(
      repository,
      planned.map((tag) => tag.name),
    );
    const objects = tags.map((tag) => tag.object);
    await storeObjects(repository, objects);
    if (head !== undefined) await updateRefs(repository, head.commit, head.commit, tags);
    return planned;
  });
}

async function commitBlobs(
  repository: Repository,
  committer: Committer,
  blobs: readonly Blob[],
  { message, tags = {}, base, signing = committer.signs ? ['-S'] : undefined }: FileChanges,
): Promise<RecordCommit> {
  const names = Object.keys(tags);
  const head = await readHead(repository, names, base);
  const files = blobs.map((blob) => ({ path: blob.path, oid: blob.object.oid }));
  const tree = await putInTree(repository.read, repository.objectFormat, head?.tree, files);
  const isSame = tree.oid === head?.tree;
  const made = isSame ? undefined : await makeCommit(repository, committer, { tree, head, message, blobs, signing });
  const commit = made?.oid ?? head!.commit;
  const tagObjects = names.map((name) => makeTag(repository, committer, commit, name, tags[name]!));
  const objects = [...(made?.objects ?? []), ...tagObjects.map((tag) => tag.object)];
  const publish = (onStart?: (pid: number) => Promise<void>) =>
    updateRefs(repository, head?.isBase ? undefined : head?.commit, commit, tagObjects, onStart);
  if (isSame || repository.ref !== 'HEAD') {
    await storeObjects(repository, objects);
    await publish();
  } else {
    await publishWithIndex(
      repository,
      { commit, blobs, before: tree.before },
      storeObjects(repository, objects),
      publish,
    );
  }
  return { commit, tags: names };
}

function checkPath(file: string): void {
  const normal = path.posix.normalize(file);
  if (normal !== file || normal.startsWith('../') || path.posix.isAbsolute(normal) || /[\n\\]|^\.git\//i.test(normal)) {
    throw pathOutside(file);
  }
}

function checkTag(tag: string): void {
  if (/[\s~^:?*[\\]|\.\.|@\{|\.lock$|\.$|^[.-]/.test(tag)) throw tagInvalid(tag);
}

/** The ref's commit and tree, undefined before the first commit. Refuses tags that exist. */
async function readHead({ read, ref }: Repository, tags: readonly string[], base?: string): Promise<Head | undefined> {
  const [own, ...tagObjects] = await read([ref, ...tags.map((tag) => `refs/tags/${tag}`)]);
  const taken = tagObjects.findIndex((object) => object !== undefined);
  if (taken >= 0) throw tagExists(tags[taken]!);
  const head = own ?? (base === undefined ? undefined : (await read([base]))[0]);
  if (head === undefined) return undefined;
  const tree = /^tree ([0-9a-f]+)/.exec(head.content.toString('latin1'))![1]!;
  return { commit: head.oid, tree, isBase: own === undefined };
}

/** Moves the ref from `before` and creates the tags, all or nothing. */
async function updateRefs(
  { git, ref }: Repository,
  before: string | undefined,
  commit: string,
  tags: readonly NamedTag[],
  onStart?: (pid: number) => Promise<void>,
): Promise<void> {
  const update = before === undefined ? [`create ${ref} ${commit}`] : [`update ${ref} ${commit} ${before}`];
  const creations = tags.map((tag) => `create refs/tags/${tag.name} ${tag.object.oid}`);
  const lines = ['start', ...(commit === before ? [] : update), ...creations, 'prepare', 'commit', ''];
  const args = ['update-ref', '--create-reflog', '-m', 'llmops: record', '--stdin'];
  await git(args, { input: lines.join('\n'), onStart });
}
