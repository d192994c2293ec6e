import { randomInt, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathOutside, recordInConflict, repositoryBusy, tagExists, tagInvalid } from './errors.ts';
import { withFileLock } from './file-lock.ts';
import { gitMessage } from './git.ts';
import { type Committer, type Repository, refuseDuringRewrite } from './repository.ts';
import type { RecordCommit } from './store.ts';
import { writeFileAtomic } from './write-file-atomic.ts';

/** Files to commit (path in the repository -> text) and annotated tags to put on the commit (name -> message). */
export interface FileChanges {
  readonly files: Readonly<Record<string, string>>;
  readonly message: string;
  readonly tags?: Readonly<Record<string, string>>;
}

interface Blob {
  path: string;
  text: string;
  oid: string;
}

interface Head {
  commit: string;
  tree: string;
}

const lockTimeoutMs = 20_000;

/**
 * Commits files on top of HEAD by plumbing with a temporary index; the user's staged and unstaged work stays as it is.
 * The files' own paths are brought up to date in work tree and index first, so that a crash leaves them staged at worst.
 * The commit and its tags appear in one ref transaction; when HEAD has moved meanwhile, everything is redone on the new one.
 * The lock only keeps our own writers from redoing each other's work.
 */
export async function commitFiles(
  repository: Repository,
  committer: Committer,
  { files, message, tags = {} }: FileChanges,
): Promise<RecordCommit> {
  for (const file of Object.keys(files)) checkPath(file);
  for (const tag of Object.keys(tags)) checkTag(tag);
  const blobs = await Promise.all(Object.entries(files).map((entry) => writeBlob(repository, entry)));
  const lock = path.join(repository.gitFolder, 'llmops-commit.lock');
  return withFileLock(
    lock,
    () => repositoryBusy(lock),
    async () => {
      refuseDuringRewrite(repository);
      await Promise.all([refuseConflicts(repository, blobs), readHead(repository, Object.keys(tags))]);
      await Promise.all(blobs.map((blob) => writeFileAtomic(path.join(repository.folder, blob.path), blob.text)));
      await retryWhileLocked(() => stage(repository, blobs));
      return retryWhileLocked(() => commitBlobs(repository, committer, blobs, message, tags));
    },
  );
}

async function commitBlobs(
  repository: Repository,
  committer: Committer,
  blobs: readonly Blob[],
  message: string,
  tags: Readonly<Record<string, string>>,
): Promise<RecordCommit> {
  const names = Object.keys(tags);
  const head = await readHead(repository, names);
  const commit = await writeCommit(repository, head, blobs, message, committer.signs);
  const tagObjects = await Promise.all(
    Object.entries(tags).map((tag) => writeTag(repository, commit, committer.person, tag)),
  );
  await updateRefs(repository, head?.commit, commit, tagObjects);
  return { commit, tags: names };
}

function checkPath(file: string): void {
  const normal = path.posix.normalize(file);
  if (normal !== file || normal.startsWith('../') || path.posix.isAbsolute(normal) || /[\n\\]|^\.git\//.test(normal)) {
    throw pathOutside(file);
  }
}

function checkTag(tag: string): void {
  if (/[\s~^:?*[\\]|\.\.|@\{|\.lock$|\.$|^[.-]/.test(tag)) throw tagInvalid(tag);
}

async function writeBlob({ git }: Repository, [file, text]: [string, string]): Promise<Blob> {
  const oid = text === '' ? await git(['hash-object', '-w', os.devNull]) : await hashObject(git, [], text);
  return { path: file, text, oid: oid.trim() };
}

const hashObject = async (git: Repository['git'], options: readonly string[], input: string) =>
  (await git(['hash-object', '-w', ...options, '--stdin'], { input })).trim();

async function refuseConflicts({ git }: Repository, blobs: readonly Blob[]): Promise<void> {
  const paths = blobs.map((blob) => `:(literal)${blob.path}`);
  if (paths.length === 0) return;
  const conflicts = await git(['ls-files', '-u', '-z', '--', ...paths], { trace: true });
  if (conflicts !== '') throw recordInConflict(conflicts.split('\t')[1]?.split('\0')[0] ?? '');
}

/** Brings the files' own entries in an index up to date, touching no other; without `indexFile`, in the user's index. */
async function stage({ git }: Repository, blobs: readonly Blob[], indexFile?: string): Promise<void> {
  if (blobs.length === 0) return;
  await git(['update-index', '--add', '--verbose', '--index-info'], { indexFile, input: indexInfo(blobs) });
}

const indexInfo = (blobs: readonly Blob[]) => blobs.map((blob) => `100644 ${blob.oid} 0\t${blob.path}\n`).join('');

/** HEAD's commit and tree, undefined before the first commit. Refuses tags that exist. */
async function readHead({ git }: Repository, tags: readonly string[]): Promise<Head | undefined> {
  const asked = ['HEAD', 'HEAD^{tree}', ...tags.map((tag) => `refs/tags/${tag}`)];
  const output = await git(['cat-file', '--batch-check=%(objectname)'], { input: `${asked.join('\n')}\n` });
  const [commit = '', tree = '', ...tagObjects] = output.trimEnd().split('\n');
  const taken = tagObjects.findIndex((line) => !line.endsWith(' missing'));
  if (taken >= 0) throw tagExists(tags[taken]!);
  return commit.endsWith(' missing') ? undefined : { commit, tree };
}

/** The new commit: HEAD's tree with the blobs put in. Gives HEAD itself when that changes nothing. */
async function writeCommit(
  repository: Repository,
  head: Head | undefined,
  blobs: readonly Blob[],
  message: string,
  signs: boolean,
): Promise<string> {
  const { git } = repository;
  const indexFile = path.join(os.tmpdir(), `llmops-index-${randomUUID()}`);
  try {
    if (head !== undefined) await git(['read-tree', head.tree], { indexFile, trace: true });
    await stage(repository, blobs, indexFile);
    const tree = (await git(['write-tree'], { indexFile })).trim();
    if (tree === head?.tree) return head.commit;
    const options = [...(signs ? ['-S'] : []), ...(head === undefined ? [] : ['-p', head.commit])];
    return (await git(['commit-tree', ...options, '-F', '-', tree], { input: message })).trim();
  } finally {
    await rm(indexFile, { force: true });
  }
}

async function writeTag(
  { git }: Repository,
  commit: string,
  person: string,
  [name, message]: [string, string],
): Promise<{ name: string; oid: string }> {
  const tagger = `${person} ${Math.floor(Date.now() / 1000)} +0000`;
  const text = `object ${commit}\ntype commit\ntag ${name}\ntagger ${tagger}\n\n${message.trimEnd()}\n`;
  return { name, oid: await hashObject(git, ['-t', 'tag'], text) };
}

async function updateRefs(
  { git }: Repository,
  before: string | undefined,
  commit: string,
  tags: readonly { name: string; oid: string }[],
): Promise<void> {
  const update = before === undefined ? [`create HEAD ${commit}`] : [`update HEAD ${commit} ${before}`];
  const head = commit === before ? [] : update;
  const lines = [
    'start',
    ...head,
    ...tags.map((tag) => `create refs/tags/${tag.name} ${tag.oid}`),
    'prepare',
    'commit',
  ];
  await git(['update-ref', '--create-reflog', '-m', 'llmops: record', '--stdin'], { input: `${lines.join('\n')}\n` });
}

/** Repeats `work` with jitter while another process holds a lock or has moved the ref in between. */
async function retryWhileLocked<T>(work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + lockTimeoutMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const message = gitMessage(error);
      if (!/\.lock'?: File exists|but expected|reference already exists|cannot lock ref/.test(message)) throw error;
      if (Date.now() > deadline) throw repositoryBusy(message);
      await sleep(randomInt(5, 40 * Math.min(attempt + 1, 8)));
    }
  }
}
