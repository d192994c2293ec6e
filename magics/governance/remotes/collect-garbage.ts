import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { RecordStore } from '../store.ts';
import { oidAt } from './object-path.ts';
import { refsElsewhere } from './owners.ts';
import { reachableDigests } from './reachable.ts';
import type { Remote, StoredObject } from './remote.ts';

/** What was removed, or would be. */
export interface Garbage {
  readonly files: number;
  readonly bytes: number;
}

export interface GarbageOptions {
  /** How old a file must be: a younger one may belong to a record that is about to be committed. 14 when absent. */
  readonly ageDays?: number;
  /** Only count. */
  readonly dryRun?: boolean;
}

/** Removes stored files of this copy that no ref reaches and that are older than `ageDays`. */
export async function collectGarbage(store: RecordStore, options: GarbageOptions = {}): Promise<Garbage> {
  const reached = await reachableDigests(store);
  const folder = path.join(store.folder, '.llmops', 'objects', 'sha256');
  return removeUnreached(storedIn(folder), reached, options, (oid) =>
    rm(path.join(folder, oid.slice(7, 9), oid.slice(9)), { force: true }),
  );
}

/**
 * The same on a remote, where the refs of every git remote count as well: what they need is kept, and nothing is removed
 * while one of them is not known here.
 */
export async function collectRemoteGarbage(
  store: RecordStore,
  remote: Remote,
  options: GarbageOptions = {},
): Promise<Garbage> {
  const reached = await reachableDigests(store, await refsElsewhere(store, remote));
  return removeUnreached(remote.list(), reached, options, (oid) => remote.remove(oid));
}

const defaultAgeDays = 14;

async function removeUnreached(
  objects: AsyncIterable<StoredObject>,
  reached: ReadonlySet<string>,
  { ageDays = defaultAgeDays, dryRun = false }: GarbageOptions,
  remove: (oid: string) => Promise<void>,
): Promise<Garbage> {
  const garbage = { files: 0, bytes: 0 };
  for await (const { oid, size, modifiedAt } of objects) {
    const isYoung = Date.now() - modifiedAt.getTime() < ageDays * 86_400_000;
    if (isYoung || reached.has(oid)) continue;
    garbage.files++;
    garbage.bytes += size;
    if (!dryRun) await remove(oid);
  }
  return garbage;
}

async function* storedIn(folder: string): AsyncIterable<StoredObject> {
  for (const start of await readdir(folder).catch(() => [])) {
    for (const rest of await readdir(path.join(folder, start))) {
      const oid = oidAt(`sha256/${start}/${rest}`);
      if (oid === undefined) continue;
      const { mtime, size } = await stat(path.join(folder, start, rest));
      yield { oid, size, modifiedAt: mtime };
    }
  }
}
