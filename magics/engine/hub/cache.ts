import { copyFile, link, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../governance/write-file-atomic.ts';
import type { HubReference } from './reference.ts';

/**
 * One repository in the cache that all tools of Hugging Face share:
 *   models--owner--name/blobs/<etag>                  the bytes, named by sha256 (large files) or git's sha1
 *   models--owner--name/refs/<revision>               the commit that a branch or tag was at
 *   models--owner--name/snapshots/<commit>/<file>     relative links to blobs
 *   models--owner--name/.no_exist/<commit>/<file>     files that the commit does not have
 *   .locks/models--owner--name/                       locks of downloads that are going on
 */
export interface RepositoryCache {
  /** Folder of a commit's files. */
  snapshotFolder(commit: string): string;
  blob(etag: string): string;
  lock(etag: string): string;
  /** The commit that a branch or tag was at when it was last asked for. */
  readRef(revision: string): Promise<string | undefined>;
  writeRef(revision: string, commit: string): Promise<void>;
  has(commit: string, file: string): Promise<boolean>;
  /** Whether it is known that the commit has no such file. */
  lacks(commit: string, file: string): Promise<boolean>;
  markLacking(commit: string, file: string): Promise<void>;
  /** Makes a blob visible as a file of the commit. */
  link(commit: string, file: string, etag: string): Promise<void>;
}

export function repositoryCache(
  cacheFolder: string,
  { kind, repository }: Pick<HubReference, 'kind' | 'repository'>,
): RepositoryCache {
  const name = [`${kind}s`, ...repository.split('/')].join('--');
  const folder = path.join(cacheFolder, name);
  const snapshotFolder = (commit: string) => path.join(folder, 'snapshots', commit);
  const blob = (etag: string) => path.join(folder, 'blobs', etag);
  const absent = (commit: string, file: string) => path.join(folder, '.no_exist', commit, file);
  return {
    snapshotFolder,
    blob,
    // A name of its own: other tools lock `<etag>.lock` in ways that Node cannot take part in.
    lock: (etag) => path.join(cacheFolder, '.locks', name, `${etag}.llmops.lock`),
    async readRef(revision) {
      const text = await readFile(path.join(folder, 'refs', revision), 'utf8').catch(() => undefined);
      return text?.trim() || undefined;
    },
    writeRef: (revision, commit) => writeFileAtomic(path.join(folder, 'refs', revision), commit),
    has: (commit, file) => isFile(path.join(snapshotFolder(commit), file)),
    lacks: (commit, file) => isFile(absent(commit, file)),
    async markLacking(commit, file) {
      await mkdir(path.dirname(absent(commit, file)), { recursive: true });
      await writeFile(absent(commit, file), '');
    },
    async link(commit, file, etag) {
      const pointer = path.join(snapshotFolder(commit), file);
      await mkdir(path.dirname(pointer), { recursive: true });
      await linkFile(blob(etag), pointer);
    },
  };
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() === true;
}

/** A relative link; where links are not allowed (Windows without developer mode), a hard link or a copy. */
async function linkFile(blob: string, pointer: string): Promise<void> {
  if (await isFile(pointer)) return;
  await rm(pointer, { force: true });
  try {
    await symlink(path.relative(path.dirname(pointer), blob), pointer);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'EPERM' && code !== 'ENOTSUP') throw error;
    await link(blob, pointer).catch(() => copyFile(blob, pointer));
  }
}
