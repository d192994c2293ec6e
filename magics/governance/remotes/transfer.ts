import { createHash } from 'node:crypto';
import { chmod, mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { findVersion } from '../find-version.ts';
import { localFolder } from '../local-folder.ts';
import { digestFile, objectFile } from '../objects.ts';
import { pointersOf } from '../pointers.ts';
import type { ObjectPointer } from '../record-parts.ts';
import type { RecordStore } from '../store.ts';
import { repositoryId } from './owners.ts';
import { forEachParallel } from './parallel.ts';
import { createMeter, type TransferProgress } from './progress.ts';
import { reachableDigests } from './reachable.ts';
import type { MoveOptions, Remote } from './remote.ts';
import { downloadDamaged, objectsNowhere } from './remote-errors.ts';

/** What a push or pull did. */
export interface Transfer {
  readonly moved: number;
  readonly bytes: number;
  /** Files that were there already. */
  readonly present: number;
}

export interface TransferOptions {
  readonly signal?: AbortSignal;
  onProgress?(progress: TransferProgress): void;
}

/** Files that are on their way at the same time. */
const parallelFiles = 4;
/** Questions that are open at the same time. */
const parallelQuestions = 16;

/** Uploads every large file that some ref's records name and this copy holds, verified first; done ones are not sent again. */
export async function push(store: RecordStore, remote: Remote, options: TransferOptions = {}): Promise<Transfer> {
  const here: ObjectPointer[] = [];
  for (const oid of await reachableDigests(store)) {
    const size = (await stat(objectFile(store.folder, oid)).catch(() => undefined))?.size;
    if (size !== undefined) here.push({ path: oid, oid, size });
  }
  const missing: ObjectPointer[] = [];
  await forEachParallel(here, parallelQuestions, async (pointer) => {
    if ((await remote.size(pointer.oid)) !== pointer.size) missing.push(pointer);
  });
  if (missing.length > 0) await claim(store, remote);
  const uploads = path.join(await localFolder(store.folder), 'uploads');
  return moveAll(missing, here.length - missing.length, options, async (pointer, move) => {
    const file = await store.objects.file(pointer);
    const notes = path.join(uploads, `${digestOf(remote.url)}-${pointer.oid.slice(7)}`);
    await remote.upload(pointer.oid, file, { ...move, notes });
  });
}

/**
 * Downloads the files of a model version, or of all records as they are now, and verifies each; interrupted ones are
 * continued. Files that the remote lacks are named when the others are here.
 */
export async function pull(
  store: RecordStore,
  remote: Remote,
  ref?: string,
  options: TransferOptions = {},
): Promise<Transfer> {
  const asked = await wanted(store, ref);
  const missing: ObjectPointer[] = [];
  for (const pointer of asked) {
    const found = await stat(objectFile(store.folder, pointer.oid)).catch(() => undefined);
    if (found?.size !== pointer.size) missing.push(pointer);
  }
  const there = new Set<ObjectPointer>();
  await forEachParallel(missing, parallelQuestions, async (pointer) => {
    if ((await remote.size(pointer.oid)) !== undefined) there.add(pointer);
  });
  const wanting = missing.filter((pointer) => there.has(pointer));
  const done = await moveAll(wanting, asked.length - missing.length, options, (pointer, move) =>
    fetchObject(store, remote, pointer, move),
  );
  const nowhere = missing.filter((pointer) => !there.has(pointer)).map((pointer) => pointer.path);
  if (nowhere.length > 0) throw objectsNowhere(nowhere, remote.url);
  return done;
}

async function moveAll(
  pointers: readonly ObjectPointer[],
  present: number,
  { signal, onProgress }: TransferOptions,
  move: (pointer: ObjectPointer, options: MoveOptions) => Promise<void>,
): Promise<Transfer> {
  const bytes = pointers.reduce((sum, pointer) => sum + pointer.size, 0);
  const onBytes = createMeter(bytes, onProgress);
  await forEachParallel(pointers, parallelFiles, (pointer, stop) => move(pointer, { signal: stop, onBytes }), signal);
  return { moved: pointers.length, bytes, present };
}

/** Leaves word which repository keeps files there, so that no other one removes them. */
async function claim(store: RecordStore, remote: Remote): Promise<void> {
  const id = await repositoryId(store);
  if (id !== undefined && !(await remote.claims()).includes(id)) await remote.claim(id);
}

async function wanted(store: RecordStore, ref: string | undefined): Promise<ObjectPointer[]> {
  const kinds = ['dataset', 'model', 'run', 'eval'] as const;
  const records =
    ref === undefined
      ? (await Promise.all(kinds.map((kind) => store.list(kind)))).flat()
      : [(await findVersion(store, ref)).record];
  return [...new Map(records.flatMap(pointersOf).map((pointer) => [pointer.oid, pointer])).values()];
}

async function fetchObject(
  store: RecordStore,
  remote: Remote,
  pointer: ObjectPointer,
  options: MoveOptions,
): Promise<void> {
  const file = objectFile(store.folder, pointer.oid);
  const incoming = path.join(await localFolder(store.folder), 'objects', `${pointer.oid.slice(7)}.incoming`);
  await mkdir(path.dirname(file), { recursive: true });
  await remote.download(pointer.oid, incoming, options);
  if ((await digestFile(incoming)) !== pointer.oid) {
    await rm(incoming);
    throw downloadDamaged(pointer.path, remote.url);
  }
  await chmod(incoming, 0o444);
  await rename(incoming, file);
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);
