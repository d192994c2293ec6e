import { watch } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { Interrupted } from '../errors.ts';
import { createEventReader } from './events.ts';
import { findWorker, isCancelled, jobFile, readAttempt } from './job-folder.ts';
import type { JobEvent, JobStatus } from './protocol.ts';

export type FinishedEvent = Extract<JobEvent, { type: 'finished' }>;

const pollMs = 250;
const aliveCheckMs = 500;

/**
 * Gives every event of a job, past and coming, until the present attempt finishes; resolves to its `finished` event.
 * A worker that died without one counts as failed (or cancelled, if that was asked for). Rejects with Interrupted when aborted.
 */
export async function followJob(
  jobFolder: string,
  onEvent: (event: JobEvent) => void = () => {},
  signal?: AbortSignal,
): Promise<FinishedEvent> {
  const reader = createEventReader(jobFolder);
  const attempt = await readAttempt(jobFolder);
  const changes = watchFolder(jobFolder);
  const checkAlive = atMostEvery(aliveCheckMs, async () => (await findWorker(jobFolder)) !== undefined);
  let lastSeq = 0;
  let startedAttempt = 0;
  const drain = async () => {
    for (const event of await reader.next()) {
      lastSeq = event.seq;
      if (event.type === 'started') startedAttempt = event.attempt;
      onEvent(event);
      if (event.type === 'finished' && startedAttempt >= attempt) return event;
    }
    return undefined;
  };
  try {
    for (;;) {
      if (signal?.aborted === true) throw new Interrupted('Interrupted while following the job.');
      const isAlive = await checkAlive();
      const finished = await drain();
      if (finished !== undefined) return finished;
      if (!isAlive) {
        const lost = await describeLoss(jobFolder, lastSeq + 1);
        onEvent(lost);
        return lost;
      }
      await changes.next(signal);
    }
  } finally {
    changes.close();
  }
}

/** Status of the present attempt as its events tell; undefined while there is no `finished` event for it. */
export function finishedStatus(events: readonly JobEvent[], attempt: number): JobStatus | undefined {
  let startedAttempt = 0;
  let status: JobStatus | undefined;
  for (const event of events) {
    if (event.type === 'started') [startedAttempt, status] = [event.attempt, undefined];
    if (event.type === 'finished' && startedAttempt >= attempt) status = event.status;
  }
  return status;
}

async function describeLoss(jobFolder: string, seq: number): Promise<FinishedEvent> {
  const time = new Date().toISOString();
  if (await isCancelled(jobFolder)) return { seq, time, type: 'finished', status: 'cancelled' };
  const log = await lastLines(path.join(jobFolder, jobFile.log));
  const message =
    'The worker process ended without a result: it was killed, or ran out of memory. Run it again to resume from its last checkpoint.' +
    (log === '' ? '' : `\nLast lines of its log:\n${log}`);
  return { seq, time, type: 'finished', status: 'failed', error: { name: 'WorkerLost', message } };
}

async function lastLines(file: string): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return '';
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - 2000);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
    return buffer.toString('utf8', 0, bytesRead).trim().split('\n').slice(-5).join('\n');
  } finally {
    await handle.close();
  }
}

/** `check`, with its last answer while that is younger than `periodMs`. */
function atMostEvery(periodMs: number, check: () => Promise<boolean>): () => Promise<boolean> {
  let answer = true;
  let checkedAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (Date.now() - checkedAt < periodMs) return answer;
    answer = await check();
    checkedAt = Date.now();
    return answer;
  };
}

/** Waits for a change in the folder, at most `pollMs`: file system notices are fast but not certain. */
function watchFolder(folder: string): { next(signal?: AbortSignal): Promise<void>; close(): void } {
  let wake = () => {};
  const watcher = tryWatch(folder, () => wake());
  return {
    next: (signal) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, pollMs);
        signal?.addEventListener('abort', done, { once: true });
        wake = done;
      }),
    close: () => watcher?.close(),
  };
}

function tryWatch(folder: string, onChange: () => void): ReturnType<typeof watch> | undefined {
  try {
    return watch(folder, onChange).on('error', () => {});
  } catch {
    return undefined;
  }
}
