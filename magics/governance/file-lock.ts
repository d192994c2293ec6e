import { randomInt } from 'node:crypto';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processStartTime } from './process-start-time.ts';

const timeoutMs = 20_000;
const emptyGraceMs = 2000;

/** Does `work` while no other process holds `lock`; the lock of a dead process is taken over. Throws `busy()` after 20 s. */
export async function withFileLock<T>(lock: string, busy: () => Error, work: () => Promise<T>): Promise<T> {
  await mkdir(path.dirname(lock), { recursive: true });
  const deadline = Date.now() + timeoutMs;
  while (!(await tryLock(lock))) {
    if (Date.now() > deadline) throw busy();
    await sleep(randomInt(5, 25));
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
    await writeFile(lock, await ownName, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (await isAbandoned(lock)) await rm(lock, { force: true });
  return false;
}

/** Held by a process that is gone, or left empty by one that died between making the file and writing its name. */
async function isAbandoned(lock: string): Promise<boolean> {
  const holder = await readFile(lock, 'utf8').catch(() => undefined);
  if (holder === undefined) return false;
  if (holder !== '') return (await nameProcess(Number.parseInt(holder, 10))) !== holder;
  const found = await stat(lock).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > emptyGraceMs;
}

let ownName: Promise<string> | undefined;

/** Pid and start time: a reused pid is another process. */
async function nameProcess(pid: number): Promise<string> {
  return `${pid} ${(await processStartTime(pid)) ?? 'ended'}`;
}
