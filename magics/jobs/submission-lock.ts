import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { submissionBusy } from './errors.ts';
import { processStartTime } from './process-start-time.ts';

const timeoutMs = 20_000;

/** Does `work` while no other process submits the same job; the lock of a dead process is taken over. */
export async function withSubmissionLock<T>(lock: string, work: () => Promise<T>): Promise<T> {
  await mkdir(path.dirname(lock), { recursive: true });
  const deadline = Date.now() + timeoutMs;
  while (!(await tryLock(lock))) {
    if (Date.now() > deadline) throw submissionBusy(lock);
    await sleep(20);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function tryLock(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const pid = Number(await readFile(lock, 'utf8').catch(() => ''));
  if (pid > 0 && (await processStartTime(pid)) === undefined) await rm(lock, { force: true });
  return false;
}
