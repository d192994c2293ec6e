import { mkdir, statfs } from 'node:fs/promises';
import type { RepositoryCache } from './cache.ts';
import { downloadFile, type RemoteFile } from './download-file.ts';
import { diskFull } from './errors.ts';
import type { Fetch } from './hub-fetch.ts';

/** How far a download is, in bytes of all its files. */
export interface TransferProgress {
  /** Bytes that are here. */
  readonly bytes: number;
  readonly totalBytes: number;
  /** Bytes that were here before it began. */
  readonly earlierBytes: number;
}

/** Where files go and how they are asked for. */
export interface Destination {
  readonly cache: RepositoryCache;
  readonly commit: string;
  readonly fetch: Fetch;
  /** The cache's folder. */
  readonly folder: string;
}

/** Files that are downloaded at the same time. */
const parallelFiles = 4;

/**
 * Downloads files into a snapshot, a few at a time; resolves to the bytes that came. When one fails, the others are
 * stopped too; what has arrived of each stays for the next time.
 */
export async function downloadAll(
  files: readonly RemoteFile[],
  { cache, commit, fetch, folder }: Destination,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?(progress: TransferProgress): void },
): Promise<number> {
  const counter = createCounter(files, onProgress);
  const queue: RemoteFile[] = [];
  for (const file of files) {
    if (await cache.has(commit, file.name)) counter.count(file, file.size);
    else queue.push(file);
  }
  await checkSpace(folder, sum(queue.map((file) => file.size)));
  const stop = new AbortController();
  const signals = AbortSignal.any(signal === undefined ? [stop.signal] : [signal, stop.signal]);
  const work = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const current = file;
      const onBytes = (bytes: number) => counter.count(current, bytes);
      const place = { blob: cache.blob(file.etag), lock: cache.lock(file.etag) };
      await downloadFile(file, place, { fetch, signal: signals, onBytes });
      await cache.link(commit, file.name, file.etag);
    }
  };
  const workers = Array.from({ length: parallelFiles }, () => work().catch((error: unknown) => stop.abort(error)));
  await Promise.all(workers);
  signals.throwIfAborted();
  return counter.arrivedBytes();
}

function createCounter(files: readonly RemoteFile[], onProgress?: (progress: TransferProgress) => void) {
  const totalBytes = sum(files.map((file) => file.size));
  const present = new Map<string, number>();
  const earlier = new Map<string, number>();
  return {
    count({ name }: RemoteFile, bytes: number) {
      if (!earlier.has(name)) earlier.set(name, bytes);
      present.set(name, bytes);
      onProgress?.({ bytes: sum(present.values()), totalBytes, earlierBytes: sum(earlier.values()) });
    },
    arrivedBytes: () => sum(present.values()) - sum(earlier.values()),
  };
}

/** Partial files count as free space that is needed: the check may only refuse what cannot fit at all. */
async function checkSpace(folder: string, needed: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free < needed) throw diskFull(folder, needed, free);
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
