import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { isAlive } from '../../governance/file-lock.ts';
import { writeFileAtomic } from '../../governance/write-file-atomic.ts';

/** A job of this machine's queue, in a file of its own: waiting, or at work with what it was granted. */
export const queueEntry = z.strictObject({
  job: z.string(),
  jobFolder: z.string(),
  holder: z.string().describe('process that waits or works: pid and start time'),
  priority: z.int(),
  since: z.number().describe('when the job was submitted, milliseconds since 1970'),
  group: z.string().optional().describe('jobs of one group share what one of them was granted'),
  demand: z.strictObject({ gpus: z.int().nonnegative(), cores: z.int().nonnegative() }),
  granted: z.strictObject({ gpus: z.array(z.string()), cores: z.array(z.string()) }).optional(),
});
export type QueueEntry = z.output<typeof queueEntry>;
export type Grant = NonNullable<QueueEntry['granted']>;

export function entryFile(queueFolder: string, job: string): string {
  return path.join(queueFolder, 'entries', `${job}.json`);
}

export function writeEntry(queueFolder: string, entry: QueueEntry): Promise<void> {
  return writeFileAtomic(entryFile(queueFolder, entry.job), JSON.stringify(entry));
}

export async function readEntry(queueFolder: string, job: string): Promise<QueueEntry | undefined> {
  const text = await readFile(entryFile(queueFolder, job), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : parse(text);
}

/** The entries whose process lives; what the dead have left is no entry any more. */
export async function readLiving(queueFolder: string): Promise<QueueEntry[]> {
  const entries = await Promise.all((await jobsIn(queueFolder)).map((job) => readEntry(queueFolder, job)));
  const living = await Promise.all(
    entries.map(async (entry) => (entry !== undefined && (await isAlive(entry.holder)) ? [entry] : [])),
  );
  return living.flat();
}

/** Removes what dead processes have left. To be called by the holder of the queue's lock. */
export async function removeDead(queueFolder: string): Promise<void> {
  const living = new Set((await readLiving(queueFolder)).map(({ job }) => job));
  const dead = (await jobsIn(queueFolder)).filter((job) => !living.has(job));
  await Promise.all(dead.map((job) => removeIfDead(queueFolder, job)));
}

/** A waiting process writes its entry without the lock: it may be newer than the list. */
async function removeIfDead(queueFolder: string, job: string): Promise<void> {
  const entry = await readEntry(queueFolder, job);
  if (entry !== undefined && (await isAlive(entry.holder))) return;
  await rm(entryFile(queueFolder, job), { force: true });
}

async function jobsIn(queueFolder: string): Promise<string[]> {
  const names = await readdir(path.join(queueFolder, 'entries')).catch(() => []);
  return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
}

function parse(text: string): QueueEntry | undefined {
  try {
    return queueEntry.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
