import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Interrupted } from '../errors.ts';
import { createEventReader } from './events.ts';
import type { ExecutorState } from './executors/executor.ts';
import { executorOf } from './executors/index.ts';
import { isCancelled, jobFile, readAttempt } from './job-folder.ts';
import { lastLines } from './last-lines.ts';
import type { JobEvent, JobSpec } from './protocol.ts';
import { watchFolder } from './watch-folder.ts';

export type FinishedEvent = Extract<JobEvent, { type: 'finished' }>;

const pollMs = 250;
const aliveCheckMs = 500;

/**
 * Gives every event of a job, past and coming, until the present attempt finishes; resolves to its `finished` event.
 * A worker that died without one counts as failed (or cancelled, if that was asked for). Rejects with Interrupted when aborted.
 */
export async function followJob(
  jobFolder: string,
  spec: JobSpec,
  onEvent: (event: JobEvent) => void = () => {},
  signal?: AbortSignal,
): Promise<FinishedEvent> {
  const reader = createEventReader(jobFolder);
  const attempt = await readAttempt(jobFolder);
  const changes = watchFolder(jobFolder, pollMs);
  const readState = atMostEvery(aliveCheckMs, () => executorOf(spec).state(jobFolder));
  const tellWaiting = onceEach((state: ExecutorState) => waitingText(state), onEvent);
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
      const state = await readState();
      const finished = await drain();
      if (finished !== undefined) return finished;
      tellWaiting(state);
      if (state.state === 'gone') {
        // What was written last on another machine may take a moment to be seen here.
        await sleep(pollMs);
        const late = await drain();
        if (late !== undefined) return late;
        const lost = await describeLoss(jobFolder, lastSeq + 1, state.reason);
        onEvent(lost);
        return lost;
      }
      await changes.next(signal);
    }
  } finally {
    changes.close();
  }
}

/** Why the job makes no progress, for people; undefined while it works. */
export function waitingText(state: ExecutorState): string | undefined {
  if (state.state === 'unknown') return state.reason ?? 'its place does not answer';
  if (state.state === 'queued') return state.reason === undefined ? 'queued' : `queued: ${state.reason}`;
  return undefined;
}

/** Tells of waiting as progress, whenever its reason changes. Such an event is not in the log: its number is 0. */
function onceEach(
  textOf: (state: ExecutorState) => string | undefined,
  onEvent: (event: JobEvent) => void,
): (state: ExecutorState) => void {
  let told: string | undefined;
  return (state) => {
    const phase = textOf(state);
    if (phase !== undefined && phase !== told)
      onEvent({ seq: 0, time: new Date().toISOString(), type: 'progress', phase, step: 0 });
    told = phase;
  };
}

async function describeLoss(jobFolder: string, seq: number, reason?: string): Promise<FinishedEvent> {
  const time = new Date().toISOString();
  if (await isCancelled(jobFolder)) return { seq, time, type: 'finished', status: 'cancelled' };
  const log = await lastLines(path.join(jobFolder, jobFile.log));
  const message =
    `${reason ?? 'The worker process ended without a result: it was killed, or ran out of memory'}. Run it again to resume from its last checkpoint.` +
    (log === '' ? '' : `\nLast lines of its log:\n${log}`);
  return { seq, time, type: 'finished', status: 'failed', error: { name: 'WorkerLost', message } };
}

/** `check`, with its last answer while that is younger than `periodMs`. */
function atMostEvery<T>(periodMs: number, check: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (answer !== undefined && Date.now() - checkedAt < periodMs) return answer;
    checkedAt = Date.now();
    answer = check();
    return answer;
  };
}
