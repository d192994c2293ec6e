import { randomInt, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processStartTime } from './process-start-time.ts';

const emptyGraceMs = 2000;

/** How a lock is waited for; for work of minutes, ask seldom and tell the user. */
export interface LockOptions {
  /** 20 s when absent. */
  readonly timeoutMs?: number;
  /** Time between two tries, about; 15 ms when absent. */
  readonly pollMs?: number;
  /** Stops the waiting. */
  readonly signal?: AbortSignal;
  /** Called after every try that failed. */
  onWait?(): Promise<void>;
}

/** Does `work` while no other process holds `lock`; the lock of a dead process is taken over. Throws `busy()` when it waited too long. */
export async function withFileLock<T>(
  lock: string,
  busy: () => Error,
  work: () => Promise<T>,
  { timeoutMs = 20_000, pollMs = 15, signal, onWait }: LockOptions = {},
): Promise<T> {
  await mkdir(path.dirname(lock), { recursive: true });
  const deadline = Date.now() + timeoutMs;
  while (!(await tryLock(lock))) {
    if (Date.now() > deadline) throw busy();
    await onWait?.();
    signal?.throwIfAborted();
    await sleep(randomInt(Math.ceil(pollMs / 3), Math.ceil((pollMs * 5) / 3)));
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function tryLock(lock: string): Promise<boolean> {
  ownName ??= nameProcess(process.pid);
  try {
    await writeNew(lock, await ownName);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (await isAbandoned(lock)) await removeAbandoned(lock);
  return false;
}

/** Fails with EEXIST where the file is there; leaves no empty one where the disk is full. */
async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === 'write') await rm(file, { force: true });
    throw error;
  }
}

/**
 * Removes the lock of a dead process. Only one process at a time looks again and removes: otherwise one could remove
 * what another has just taken over.
 */
async function removeAbandoned(lock: string): Promise<void> {
  const guard = `${lock}.takeover`;
  try {
    await writeNew(guard, await ownName!);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (await isAbandoned(guard)) await takeAway(guard);
    return;
  }
  try {
    if (await isAbandoned(lock)) await rm(lock, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

/** Removes an abandoned guard; one that another process has meanwhile made in its place is put back. */
async function takeAway(lock: string): Promise<void> {
  const aside = `${lock}.${randomUUID()}`;
  try {
    await rename(lock, aside);
    if (!(await isAbandoned(aside))) await link(aside, lock);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

/** Held by a process that is gone, or left empty by one that died between making the file and writing its name. */
async function isAbandoned(lock: string): Promise<boolean> {
  const holder = await readFile(lock, 'utf8').catch(() => undefined);
  if (holder === undefined) return false;
  if (holder !== '') return !(await isAlive(holder));
  const found = await stat(lock).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > emptyGraceMs;
}

/** Whether the process of that name still runs. */
export async function isAlive(name: string): Promise<boolean> {
  return (await nameProcess(Number.parseInt(name, 10))) === name;
}

let ownName: Promise<string> | undefined;

/** Pid and start time: a reused pid is another process. A process that has ended has another name than before. */
export async function nameProcess(pid: number): Promise<string> {
  return `${pid} ${(await processStartTime(pid)) ?? 'ended'}`;
}
