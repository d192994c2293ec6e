import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { processStartTime } from '../governance/process-start-time.ts';
import { writeFileAtomic } from '../governance/write-file-atomic.ts';
import { jobDamaged } from './errors.ts';
import { type JobSpec, jobSpec } from './protocol.ts';

/** Names of the files in a job folder. */
export const jobFile = {
  spec: 'spec.json',
  events: 'events.jsonl',
  log: 'log.txt',
  worker: 'worker.pid',
  attempt: 'attempt',
  cancel: 'cancel',
  executor: 'executor.json',
  heartbeat: 'heartbeat',
  end: 'end.json',
  cell: 'cell.json',
} as const;

const workerFile = z.object({ pid: z.int(), startTime: z.string() });
const startGraceMs = 10_000;

/** Folder that holds a repository's job folders. */
export function jobsFolder(repositoryFolder: string): string {
  return path.join(repositoryFolder, '.llmops', 'jobs');
}

/** Reads and checks `spec.json`; undefined when the folder has none. */
export async function readSpec(jobFolder: string): Promise<JobSpec | undefined> {
  const file = path.join(jobFolder, jobFile.spec);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return jobSpec.parse(JSON.parse(text));
  } catch (error) {
    throw jobDamaged(file, error instanceof z.ZodError ? z.prettifyError(error) : String(error));
  }
}

/** How many times the job was started, from 1; 0 when it never was. */
export async function readAttempt(jobFolder: string): Promise<number> {
  const text = await readFile(path.join(jobFolder, jobFile.attempt), 'utf8').catch(() => '0');
  return Number(text) || 0;
}

/** Process id of the job's worker while it is alive; `starting` in the moment before it has one. */
export async function findWorker(jobFolder: string): Promise<number | 'starting' | undefined> {
  const text = await readFile(path.join(jobFolder, jobFile.worker), 'utf8').catch(() => undefined);
  if (text === undefined) return (await startedJustNow(jobFolder)) ? 'starting' : undefined;
  const worker = workerFile.safeParse(parseJson(text));
  if (!worker.success) return undefined;
  const { pid, startTime } = worker.data;
  return (await processStartTime(pid)) === startTime ? pid : undefined;
}

/** Records which process works on the job; both sides write it, so that neither's death leaves it out. */
export async function writeWorkerFile(jobFolder: string, pid: number): Promise<void> {
  const startTime = await processStartTime(pid);
  if (startTime === undefined) return;
  await writeFileAtomic(path.join(jobFolder, jobFile.worker), JSON.stringify({ pid, startTime }));
}

/** Counts one more attempt and returns its number. */
export async function nextAttempt(jobFolder: string): Promise<number> {
  const attempt = (await readAttempt(jobFolder)) + 1;
  await writeFileAtomic(path.join(jobFolder, jobFile.attempt), String(attempt));
  return attempt;
}

/** True once somebody has asked for the job to be cancelled. */
export async function isCancelled(jobFolder: string): Promise<boolean> {
  return (await stat(path.join(jobFolder, jobFile.cancel)).catch(() => undefined)) !== undefined;
}

async function startedJustNow(jobFolder: string): Promise<boolean> {
  const found = await stat(path.join(jobFolder, jobFile.attempt)).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs < startGraceMs;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
