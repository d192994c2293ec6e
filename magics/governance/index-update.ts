import { randomUUID } from 'node:crypto';
import { appendFile, link, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { recordInConflict } from './errors.ts';
import { isAlive, nameProcess } from './file-lock.ts';
import { gitMessage } from './git.ts';
import { makeObject } from './git-objects.ts';
import type { GitObject } from './object-reader.ts';
import type { Repository } from './repository.ts';
import { writeFileAtomic } from './write-file-atomic.ts';

/** What a commit changes in index and work tree. `before`: the blobs that lay at the paths, by path. */
export interface IndexChange {
  readonly commit: string;
  readonly blobs: readonly { readonly path: string; readonly object: GitObject }[];
  readonly before: ReadonlyMap<string, string>;
}

const journalSchema = z.object({
  /** Name of the process that wrote it. */
  owner: z.string(),
  commit: z.string(),
  /** File beside the index that holds the new one. */
  prepared: z.string(),
  files: z.array(z.object({ path: z.string(), oid: z.string(), before: z.string().optional() })),
});
type Journal = z.output<typeof journalSchema>;

/**
 * Moves the refs by `publish` while holding git's own lock on the index, then puts the new index and the files in place.
 * A journal beside the index tells the next writer what a killed one had begun; nothing is staged before the ref has moved.
 */
export async function publishWithIndex(
  repository: Repository,
  change: IndexChange,
  stored: Promise<void>,
  publish: (onStart: (pid: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  const { gitFolder } = repository;
  const paths = pathsIn(gitFolder);
  const prepared = path.join(gitFolder, `llmops-index-${randomUUID()}`);
  const files = change.blobs.map(({ path: file, object }) => {
    return { path: file, oid: object.oid, before: change.before.get(file) };
  });
  const journal: Journal = { owner: await nameProcess(process.pid), commit: change.commit, prepared, files };
  await writeFile(paths.journal, `${JSON.stringify(journal)}\n`);
  const onStart = async (pid: number) => appendFile(paths.journal, `${await nameProcess(pid)}\n`);
  let isLocked = false;
  try {
    const [seen] = await Promise.all([prepareIndex(repository, change, prepared, onStart), stored]);
    await takeIndexLock(paths, prepared, seen);
    isLocked = true;
    await publish(onStart);
  } catch (error) {
    await stored.catch(() => {});
    if (isLocked) await rm(paths.lock, { force: true });
    await forget(paths.journal, prepared);
    throw error;
  }
  // From here on a failure leaves the journal: the next writer finishes the work.
  await rename(paths.lock, paths.index);
  await Promise.all(change.blobs.map((blob) => writeWorkFile(repository, blob.path, blob.object.content)));
  await forget(paths.journal, prepared);
}

/**
 * Finishes what a writer that was killed had begun, or takes it back when its commit never came to be.
 * Fails as git does on a lock while that writer, or a git command that it started, still runs.
 */
export async function finishInterrupted(repository: Repository): Promise<void> {
  const paths = pathsIn(repository.gitFolder);
  const text = await readFile(paths.journal, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const { journal, commands } = parseJournal(text);
  if (journal === undefined) return rm(paths.journal, { force: true });
  const isOwn = Number.parseInt(journal.owner, 10) === process.pid;
  for (const name of isOwn ? commands : [journal.owner, ...commands]) {
    if (await isAlive(name)) throw locked(`${paths.journal}.lock`);
  }
  const isOurLock = await areEqual(paths.lock, journal.prepared);
  if (await isCommitted(repository, journal.commit)) {
    if (isOurLock) await rename(paths.lock, paths.index);
    for (const file of journal.files) await restoreWorkFile(repository, file);
  } else if (isOurLock) {
    await rm(paths.lock, { force: true });
  }
  await rm(`${journal.prepared}.lock`, { force: true });
  await forget(paths.journal, journal.prepared);
}

async function forget(journal: string, prepared: string): Promise<void> {
  await rm(prepared, { force: true });
  await rm(journal, { force: true });
}

async function removeFiles(folder: string, isLeft: (name: string) => boolean): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const matching = names.filter(isLeft);
  await Promise.all(matching.map((name) => rm(path.join(folder, name), { force: true })));
}

const pathsIn = (gitFolder: string) => ({
  index: path.join(gitFolder, 'index'),
  lock: path.join(gitFolder, 'index.lock'),
  journal: path.join(gitFolder, 'llmops-journal'),
});

/** Writes a copy of the index in which the files' own entries are new. Gives the identity of the index it was made from. */
async function prepareIndex(
  repository: Repository,
  { blobs }: IndexChange,
  prepared: string,
  onStart: (pid: number) => Promise<void>,
): Promise<string | undefined> {
  const { index } = pathsIn(repository.gitFolder);
  const seen = await identityOf(index);
  const bytes = seen === undefined ? undefined : await readFile(index);
  if (bytes !== undefined) await writeFile(prepared, bytes);
  const input = blobs.map(({ path: file, object }) => `100644 ${object.oid} 0\t${file}\n`).join('');
  const update = repository.git(['update-index', '--add', '--index-info'], {
    input,
    indexFile: prepared,
    onStart,
  });
  await Promise.all([update, bytes === undefined ? undefined : refuseConflicts(repository, bytes, blobs)]);
  return seen;
}

/** Asks git only about paths that the index may hold: versions 2 and 3 write whole paths, version 4 shortens them. */
async function refuseConflicts({ git }: Repository, index: Buffer, blobs: IndexChange['blobs']): Promise<void> {
  const isPlain = index.readUInt32BE(4) < 4;
  const known = blobs.filter((blob) => !isPlain || index.includes(blob.path)).map((blob) => `:(literal)${blob.path}`);
  if (known.length === 0) return;
  const conflicts = await git(['ls-files', '-u', '-z', '--', ...known]);
  if (conflicts !== '') throw recordInConflict(conflicts.split('\t')[1]?.split('\0')[0] ?? '');
}

/** Makes the prepared index git's lock file, in one step. Fails as git would while another process holds it. */
async function takeIndexLock(
  paths: ReturnType<typeof pathsIn>,
  prepared: string,
  seen: string | undefined,
): Promise<void> {
  try {
    await link(prepared, paths.lock);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw locked(paths.lock);
    throw error;
  }
  if ((await identityOf(paths.index)) === seen) return;
  await rm(paths.lock);
  throw locked(paths.lock);
}

/** In git's own words, which say to try again. */
const locked = (lock: string) => new Error(`Unable to create '${lock}': File exists.`);

/** Git replaces an index by renaming a new file over it: another file, another identity. */
async function identityOf(file: string): Promise<string | undefined> {
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  return found === undefined ? undefined : `${found.ino} ${found.mtimeNs} ${found.size}`;
}

function parseJournal(text: string): { journal?: Journal; commands: string[] } {
  const [first = '', ...commands] = text.split('\n');
  try {
    return { journal: journalSchema.parse(JSON.parse(first)), commands: commands.slice(0, -1) };
  } catch {
    // Killed while writing it: nothing had been done yet.
    return { commands: [] };
  }
}

async function isCommitted({ git, ref }: Repository, commit: string): Promise<boolean> {
  try {
    await git(['merge-base', '--is-ancestor', commit, ref]);
    return true;
  } catch (error) {
    if (/merge-base failed|not a valid (commit|object) name/i.test(gitMessage(error))) return false;
    throw error;
  }
}

async function areEqual(a: string, b: string): Promise<boolean> {
  const [x, y] = await Promise.all([a, b].map((file) => readFile(file).catch(() => undefined)));
  return x !== undefined && y !== undefined && x.equals(y);
}

/** Writes a file that the killed writer did not get to, unless the user has changed it. */
async function restoreWorkFile(repository: Repository, file: Journal['files'][number]): Promise<void> {
  const absolute = path.join(repository.folder, file.path);
  const name = path.basename(absolute);
  await removeFiles(path.dirname(absolute), (other) => other.startsWith(`${name}.`) && other.endsWith('.tmp'));
  const present = await readFile(absolute).catch(() => undefined);
  const presentOid = present === undefined ? undefined : makeObject('blob', present, repository.objectFormat).oid;
  if (presentOid !== file.before) return;
  const [object] = await repository.read([file.oid]);
  if (object !== undefined) await writeWorkFile(repository, file.path, object.content);
}

const writeWorkFile = ({ folder }: Repository, file: string, content: Buffer) =>
  writeFileAtomic(path.join(folder, file), content);
