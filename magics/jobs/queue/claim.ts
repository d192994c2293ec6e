import { rmSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { nameProcess, withFileLock } from '../../governance/file-lock.ts';
import { queueBusy } from '../errors.ts';
import { jobFile } from '../job-folder.ts';
import type { JobSpec } from '../protocol.ts';
import { readJobSettings } from '../settings.ts';
import { watchFolder } from '../watch-folder.ts';
import { demandOf, readCapacity } from './capacity.ts';
import { entryFile, type Grant, type QueueEntry, readEntry, readLiving, removeDead, writeEntry } from './entry.ts';
import { type Capacity, planQueue, type QueuePlace } from './plan-queue.ts';
import { queueFolder } from './queue-folder.ts';

/** What a job may use until it gives it back; when its process dies, others may have it at once. */
export interface Slot {
  readonly grant: Grant;
  release(): void;
}

const pollMs = 1000;

/**
 * Waits in this machine's queue until the job may have what it asks for. Undefined when it asks for nothing.
 * Rejects with the signal's reason when it is aborted while waiting.
 */
export async function claimSlot(jobFolder: string, spec: JobSpec, signal: AbortSignal): Promise<Slot | undefined> {
  const capacity = readCapacity(await readJobSettings(spec.folder));
  const demand = demandOf(spec, capacity);
  if (demand === undefined) return undefined;
  const folder = queueFolder(spec.folder);
  const entry = await createEntry(jobFolder, spec, demand);
  const release = () => rmSync(entryFile(folder, entry.job), { force: true });
  await writeEntry(folder, entry);
  const changes = watchFolder(path.dirname(entryFile(folder, entry.job)), pollMs);
  try {
    for (;;) {
      signal.throwIfAborted();
      const grant = await tryClaim(folder, entry, capacity);
      if (grant !== undefined) return { grant, release };
      await changes.next(signal);
    }
  } catch (error) {
    release();
    throw error;
  } finally {
    changes.close();
  }
}

/** How a job of this machine waits, in words: `2 before it`; undefined when it does not. */
export async function waitsFor(job: string, repositoryFolder: string): Promise<string | undefined> {
  const folder = queueFolder(repositoryFolder);
  const entry = await readEntry(folder, job);
  if (entry === undefined || entry.granted !== undefined) return undefined;
  const capacity = readCapacity(await readJobSettings(repositoryFolder));
  const place = planQueue(await readLiving(folder), capacity).get(job);
  return place?.state === 'waiting' ? `${place.before} before it` : undefined;
}

async function createEntry(jobFolder: string, spec: JobSpec, demand: QueueEntry['demand']): Promise<QueueEntry> {
  // The last file that submitting writes before the worker starts.
  const submitted = await stat(path.join(jobFolder, jobFile.attempt)).catch(() => undefined);
  return {
    job: spec.id,
    jobFolder,
    holder: await nameProcess(process.pid),
    priority: spec.resources?.priority ?? 0,
    since: submitted?.mtimeMs ?? Date.now(),
    group: spec.group,
    demand,
  };
}

/** Looks first without the lock: of many that wait, only the one whose turn it is takes it. */
async function tryClaim(folder: string, entry: QueueEntry, capacity: Capacity): Promise<Grant | undefined> {
  if ((await placeOf(folder, entry, capacity))?.state !== 'next') return undefined;
  const lock = path.join(folder, 'lock');
  await mkdir(folder, { recursive: true });
  return withFileLock(
    lock,
    () => queueBusy(lock),
    async () => {
      await removeDead(folder);
      const place = await placeOf(folder, entry, capacity);
      if (place?.state !== 'next') return undefined;
      await writeEntry(folder, { ...entry, granted: place.grant });
      return place.grant;
    },
  );
}

async function placeOf(folder: string, entry: QueueEntry, capacity: Capacity): Promise<QueuePlace | undefined> {
  return planQueue(await readLiving(folder), capacity).get(entry.job);
}
