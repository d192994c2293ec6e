import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type RepositoryCache, repositoryCache } from './cache.ts';
import { downloadAll, type TransferProgress } from './download-all.ts';
import { type HubEnvironment, readHubEnvironment } from './environment.ts';
import { HubUnreachable, notCached, noUsableFiles } from './errors.ts';
import { createHubFetch, type Fetch } from './hub-fetch.ts';
import { listRemoteFiles } from './list-remote-files.ts';
import type { FileChoice, SnapshotReader } from './model-files.ts';
import { type HubReference, isCommit } from './reference.ts';

/** A repository's files as they are at one commit. */
export interface Snapshot {
  readonly folder: string;
  readonly commit: string;
  /** Bytes that came over the network. */
  readonly downloadedBytes: number;
  /** Something the user should know: the hub could not be reached, and the cache answered. */
  readonly note?: string;
}

export interface SnapshotOptions {
  readonly signal?: AbortSignal;
  readonly environment?: HubEnvironment;
  /** Called as bytes arrive. */
  onProgress?(progress: TransferProgress): void;
}

/**
 * The chosen files of a repository in Hugging Face's own cache, downloaded as far as they are not there yet. A whole
 * snapshot of a commit needs no network; a branch or tag is asked for its commit first, and when nobody answers, the one
 * of last time is used.
 *
 * Names and checksums come from `@huggingface/hub`. The transfer is our own: the library's `downloadFileToCacheDir`
 * starts over after an interruption, compares no checksum, takes no lock, cannot be aborted and names some blobs
 * differently than the Python library, so that the two would not share them.
 */
export async function downloadSnapshot(
  reference: HubReference,
  files: FileChoice,
  options: SnapshotOptions = {},
): Promise<Snapshot> {
  const environment = options.environment ?? readHubEnvironment();
  const cache = repositoryCache(environment.cacheFolder, reference);
  const { revision } = reference;
  const known = isCommit(revision) ? revision : await cache.readRef(revision);
  const isUsable = known !== undefined && (await isComplete(cache, known, files));
  if (isUsable && (environment.isOffline || isCommit(revision))) return cached(cache, known);
  if (environment.isOffline) throw notCached(reference, environment.cacheFolder);

  const request = (retries: number) => createHubFetch(environment, reference, { signal: options.signal, retries });
  try {
    const commit = await commitOf(reference, environment, request(isUsable ? 0 : 3));
    const downloadedBytes = (await isWhole(cache, commit, files))
      ? 0
      : await complete({ reference, files, environment, cache, commit, fetch: request(5) }, options);
    if (commit !== revision) await cache.writeRef(revision, commit);
    return { ...cached(cache, commit), downloadedBytes };
  } catch (error) {
    if (!(error instanceof HubUnreachable) || !isUsable) throw error;
    const note = `${environment.endpoint} cannot be reached: "${revision}" is taken as it was in the cache.`;
    return { ...cached(cache, known), note };
  }
}

interface Work {
  readonly reference: HubReference;
  readonly files: FileChoice;
  readonly environment: HubEnvironment;
  readonly cache: RepositoryCache;
  readonly commit: string;
  readonly fetch: Fetch;
}

function cached(cache: RepositoryCache, commit: string): Snapshot {
  return { folder: cache.snapshotFolder(commit), commit, downloadedBytes: 0 };
}

function readerOf(cache: RepositoryCache, commit: string): SnapshotReader {
  return {
    has: (file) => cache.has(commit, file),
    text: (file) => readFile(path.join(cache.snapshotFolder(commit), file), 'utf8'),
  };
}

/** Whether everything needed is there. */
async function isComplete(cache: RepositoryCache, commit: string, files: FileChoice): Promise<boolean> {
  return (await files.missing(readerOf(cache, commit))) === undefined;
}

/** Whether, besides, every optional file is there or known not to exist. */
async function isWhole(cache: RepositoryCache, commit: string, files: FileChoice): Promise<boolean> {
  for (const file of files.optional) {
    if (!(await cache.has(commit, file)) && !(await cache.lacks(commit, file))) return false;
  }
  return isComplete(cache, commit, files);
}

/** The library is loaded when it is needed: it takes no part in the start of a kernel. */
async function commitOf(reference: HubReference, { endpoint }: HubEnvironment, fetch: Fetch): Promise<string> {
  const { modelInfo, datasetInfo } = await import('@huggingface/hub');
  const { repository: name, revision } = reference;
  const asked = { name, revision, hubUrl: endpoint, additionalFields: ['sha' as const], fetch };
  const { sha } = reference.kind === 'model' ? await modelInfo(asked) : await datasetInfo(asked);
  return sha;
}

/** Downloads what the snapshot lacks; resolves to the bytes that came. */
async function complete(work: Work, options: SnapshotOptions): Promise<number> {
  const { reference, cache, commit, files, environment, fetch } = work;
  const available = await listRemoteFiles({ ...reference, revision: commit }, environment.endpoint, fetch);
  const names = available.map(({ name }) => name);
  const chosen = new Set(files.choose(names));
  // Which shards there are is known only when their index has come.
  const refuse = (missing: string | undefined) => {
    if (missing !== undefined) throw noUsableFiles(reference, missing, names);
  };
  refuse(await files.missing({ has: async (name) => chosen.has(name), text: async () => '{}' }));
  const wanted = available.filter(({ name }) => chosen.has(name));
  const bytes = await downloadAll(wanted, { cache, commit, fetch, folder: environment.cacheFolder }, options);
  refuse(await files.missing(readerOf(cache, commit)));
  for (const name of files.optional) if (!chosen.has(name)) await cache.markLacking(commit, name);
  return bytes;
}
