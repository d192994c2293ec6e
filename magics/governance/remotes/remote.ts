import { fileURLToPath } from 'node:url';
import type { Git } from '../git.ts';
import { createBucketRemote } from './bucket-remote.ts';
import { createFileRemote } from './file-remote.ts';
import { openBucket } from './open-bucket.ts';
import type { OnBytes } from './progress.ts';
import { remoteMissing } from './remote-errors.ts';
import { parseObjectUrl } from './remote-url.ts';

/** A place that keeps large files by their digest, for other copies of the repository. */
export interface Remote {
  readonly url: string;
  /** Bytes of the stored file; undefined when it is not there. */
  size(oid: string): Promise<number | undefined>;
  /** Stores a file; what an interrupted upload has already stored is kept and continued. */
  upload(oid: string, file: string, options: UploadOptions): Promise<void>;
  /** Appends the stored bytes from the length of `file` on. */
  download(oid: string, file: string, options?: MoveOptions): Promise<void>;
  list(): AsyncIterable<StoredObject>;
  remove(oid: string): Promise<void>;
  /** Notes that the repository with this commit keeps files here. */
  claim(commit: string): Promise<void>;
  /** A commit of every repository that keeps files here. */
  claims(): Promise<string[]>;
}

export interface MoveOptions {
  readonly signal?: AbortSignal;
  readonly onBytes?: OnBytes;
}

export interface UploadOptions extends MoveOptions {
  /** File for notes on an upload that is not complete. */
  readonly notes: string;
}

/** A file that a remote holds. */
export interface StoredObject {
  readonly oid: string;
  readonly size: number;
  readonly modifiedAt: Date;
}

/** The remote of a URL, or of `git config llmops.remote` without one. A UserError says what is missing. */
export async function openRemote(git: Git, url?: string): Promise<Remote> {
  const given = url ?? (await git(['config', '--get', 'llmops.remote']).catch(() => '')).trim();
  if (given === '') throw remoteMissing();
  if (given.startsWith('file://')) return createFileRemote(fileURLToPath(given), given);
  const place = parseObjectUrl(given);
  return createBucketRemote(await openBucket(place), place.path, given);
}
