import { randomInt, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathOutside, recordInConflict, repositoryBusy, tagExists, tagInvalid } from './errors.ts';
import { gitMessage } from './git.ts';
import { committer, type Repository, refuseDuringRewrite } from './repository.ts';
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

const lockTimeoutMs = 20_000;

/**
 * Commits files on top of HEAD by plumbing with a temporary index; the user's staged and unstaged work stays as it is.
 * The files' own paths are brought up to date in work tree and index first, so that a crash leaves them staged at worst.
 * The commit and its tags appear in one ref transaction; when another writer was faster, everything is redone on its commit.
 */
export async function commitFiles(repository: Repository, changes: FileChanges): Promise<RecordCommit> {
  for (const file of Object.keys(changes.files)) checkPath(file);
  const tags = Object.entries(changes.tags ?? {});
  const { identity } = await committer(repository.git);
  const blobs = await Promise.all(Object.entries(changes.files).map((entry) => writeBlob(repository, entry)));
  await checkOut(repository, blobs);
  return retryWhileLocked(async () => {
    refuseDuringRewrite(repository);
    const head = await readHead(repository);
    await refuseTakenTags(
      repository,
      tags.map(([name]) => name),
    );
    const commit = await writeCommit(repository, head, blobs, changes.message);
    const tagObjects = await Promise.all(tags.map((tag) => writeTag(repository, commit, identity, tag)));
    await updateRefs(repository, head?.commit, commit, tagObjects);
    return { commit, tags: tags.map(([name]) => name) };
  });
}

function checkPath(file: string): void {
  const normal = path.posix.normalize(file);
  if (normal !== file || normal.startsWith('../') || path.posix.isAbsolute(normal) || /[\n\\]|^\.git\//.test(normal)) {
    throw pathOutside(file);
  }
}

async function writeBlob({ git }: Repository, [file, text]: [string, string]): Promise<Blob> {
  const oid = text === '' ? await git(['hash-object', '-w', '/dev/null']) : await hashObject(git, [], text);
  return { path: file, text, oid: oid.trim() };
}

const hashObject = async (git: Repository['git'], options: readonly string[], input: string) =>
  (await git(['hash-object', '-w', ...options, '--stdin'], { input })).trim();

/** Brings the files' own paths up to date in the work tree and the real index, touching no other entry. */
async function checkOut({ folder, git }: Repository, blobs: readonly Blob[]): Promise<void> {
  if (blobs.length === 0) return;
  const conflicts = await git(['ls-files', '-u', '-z', '--', ...blobs.map((blob) => `:(literal)${blob.path}`)]);
  if (conflicts !== '') throw recordInConflict(conflicts.split('\t')[1]?.split('\0')[0] ?? '');
  await Promise.all(blobs.map((blob) => writeFileAtomic(path.join(folder, blob.path), blob.text)));
  await retryWhileLocked(() => git(['update-index', '--verbose', '--index-info'], { input: indexInfo(blobs) }));
}

const indexInfo = (blobs: readonly Blob[]) => blobs.map((blob) => `100644 ${blob.oid} 0\t${blob.path}\n`).join('');

async function readHead({ git }: Repository): Promise<{ commit: string; tree: string } | undefined> {
  const line = await git(['cat-file', '--batch-check=%(objectname)'], { input: 'HEAD\nHEAD^{tree}\n' });
  const [commit, tree] = line.trim().split('\n');
  return commit === undefined || tree === undefined || commit.endsWith(' missing') ? undefined : { commit, tree };
}

/** The new commit: HEAD's tree with the blobs put in. Gives HEAD itself when that changes nothing. */
async function writeCommit(
  { git }: Repository,
  head: { commit: string; tree: string } | undefined,
  blobs: readonly Blob[],
  message: string,
): Promise<string> {
  const indexFile = path.join(os.tmpdir(), `llmops-index-${randomUUID()}`);
  try {
    if (head !== undefined) await git(['read-tree', head.tree], { indexFile, trace: true });
    if (blobs.length > 0) {
      await git(['update-index', '--add', '--verbose', '--index-info'], { indexFile, input: indexInfo(blobs) });
    }
    const tree = (await git(['write-tree'], { indexFile })).trim();
    if (tree === head?.tree) return head.commit;
    const sign = (await git(['config', '--type=bool', '--default=false', '--get', 'commit.gpgsign'])).trim() === 'true';
    const options = [...(sign ? ['-S'] : []), ...(head === undefined ? [] : ['-p', head.commit])];
    return (await git(['commit-tree', ...options, '-F', '-', tree], { input: message })).trim();
  } finally {
    await rm(indexFile, { force: true });
  }
}

async function refuseTakenTags({ git }: Repository, tags: readonly string[]): Promise<void> {
  if (tags.length === 0) return;
  for (const tag of tags) if (/[\s~^:?*[\\]|\.\.|@\{|\.lock$|\.$|^[.-]/.test(tag)) throw tagInvalid(tag);
  const found = await git(['cat-file', '--batch-check'], { input: tags.map((tag) => `refs/tags/${tag}\n`).join('') });
  const taken = found.split('\n').findIndex((line) => line !== '' && !line.endsWith(' missing'));
  if (taken >= 0) throw tagExists(tags[taken]!);
}

async function writeTag(
  { git }: Repository,
  commit: string,
  identity: string,
  [name, message]: [string, string],
): Promise<{ name: string; oid: string }> {
  const text = `object ${commit}\ntype commit\ntag ${name}\ntagger ${identity}\n\n${message.trimEnd()}\n`;
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
