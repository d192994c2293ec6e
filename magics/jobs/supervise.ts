import { type ChildProcess, fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { UserError } from '../errors.ts';
import { createEventWriter } from './events.ts';
import { exitReason } from './exit-reason.ts';
import { isCancelled, jobFile, nextAttempt } from './job-folder.ts';
import { lastLines } from './last-lines.ts';
import { watchLimits } from './limits.ts';
import { listenForCancel } from './listen-for-cancel.ts';
import { type JobSpec, type JobStatus, jobEvent, type NewJobEvent } from './protocol.ts';
import { isStoppedByExecutor, stopMessage } from './stopped-by-executor.ts';

type Finished = Extract<NewJobEvent, { type: 'finished' }>;

/** How one attempt ended. A crash may be tried again; what the user or a limit has ended may not. */
interface AttemptEnd {
  readonly finished: Finished;
  readonly isCrash: boolean;
}

/** Time that a worker has to save its work when it is asked to stop. */
const graceMs = 10_000;

/** Whether somebody must watch the job's worker from outside: it may be stuck in native code, or be killed. */
export function hasLimits({ resources = {} }: JobSpec): boolean {
  return resources.memory !== undefined || resources.time !== undefined || (resources.retry ?? 0) > 0;
}

/** Whether this process is a worker that `supervise` has started. */
export function isSupervised(): boolean {
  return process.send !== undefined;
}

/**
 * Runs the job's worker as a child, holds it to its limits, and starts it again as often as `retry` says when it
 * crashes; it then goes on from its last checkpoint. Writes the job's `finished` event. The child does not outlive it.
 */
export async function supervise(jobFolder: string, spec: JobSpec): Promise<JobStatus> {
  const { retry = 0 } = spec.resources ?? {};
  const cancellation = listenForCancel(jobFolder);
  const limits = watchLimits(spec);
  try {
    for (let left = retry; ; left--) {
      const { finished, isCrash } = await runAttempt(jobFolder, limits, cancellation.signal);
      const isStopped = cancellation.signal.aborted && (isCrash || finished.status === 'cancelled');
      if (isStopped && (await isStoppedByExecutor(jobFolder, spec))) {
        append(jobFolder, stopMessage);
        return 'failed';
      }
      if (!isCrash || left === 0 || cancellation.signal.aborted) {
        append(jobFolder, finished);
        return finished.status;
      }
      const attempt = await nextAttempt(jobFolder);
      const text = `${finished.error?.message ?? 'The worker crashed'}. Attempt ${attempt} begins (--retry ${retry}).`;
      append(jobFolder, { type: 'message', level: 'warning', text });
      await sleep(Math.min(30_000, 500 * 2 ** (retry - left)), undefined, { signal: cancellation.signal }).catch(
        () => {},
      );
    }
  } finally {
    cancellation.close();
  }
}

async function runAttempt(
  jobFolder: string,
  limits: ReturnType<typeof watchLimits>,
  signal: AbortSignal,
): Promise<AttemptEnd> {
  const endFile = path.join(jobFolder, jobFile.end);
  rmSync(endFile, { force: true });
  const worker = fork(process.argv[1]!, [jobFolder], { stdio: 'inherit' });
  const exited = new Promise<Exit>((resolve, reject) => {
    worker.once('exit', (code, by) => resolve({ code, signal: by })).once('error', reject);
  });
  const stop = () => void stopWithin(worker, exited);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  let exceeded: UserError | undefined;
  const watch = limits.watch(worker.pid!, (error, mayFinish) => {
    exceeded ??= error;
    if (mayFinish) stop();
    else worker.kill('SIGKILL');
  });
  const exit = await exited;
  watch.close();
  signal.removeEventListener('abort', stop);
  return endOf(jobFolder, exit, await readEnd(endFile), exceeded);
}

type Exit = { code: number | null; signal: NodeJS.Signals | null };

async function endOf(
  jobFolder: string,
  exit: Exit,
  told: Finished | undefined,
  exceeded: UserError | undefined,
): Promise<AttemptEnd> {
  if (told?.status === 'succeeded') return { finished: told, isCrash: false };
  if (exceeded !== undefined) return { finished: failedBy(exceeded.name, exceeded.message), isCrash: false };
  if (await isCancelled(jobFolder)) return { finished: { type: 'finished', status: 'cancelled' }, isCrash: false };
  if (told?.status === 'failed') return { finished: told, isCrash: told.error?.name !== 'UserError' };
  if (told !== undefined) return { finished: told, isCrash: false };
  const log = await lastLines(path.join(jobFolder, jobFile.log));
  return { finished: failedBy('WorkerLost', `The worker ${exitReason({ ...exit, log })}`), isCrash: true };
}

function failedBy(name: string, message: string): Finished {
  return { type: 'finished', status: 'failed', error: { name, message } };
}

async function stopWithin(worker: ChildProcess, exited: Promise<unknown>): Promise<void> {
  worker.kill('SIGTERM');
  const timer = setTimeout(() => worker.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(timer);
}

/** What the worker has said of its end; undefined when it was killed before it could. */
async function readEnd(file: string): Promise<Finished | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const read = z.json().safeParse(JSON.parse(text));
  const event = jobEvent.parse({ ...(read.data as object), seq: 0, time: new Date().toISOString() });
  if (event.type !== 'finished') return undefined;
  const { seq: _, time: __, ...finished } = event;
  return finished;
}

function append(jobFolder: string, event: NewJobEvent): void {
  const events = createEventWriter(jobFolder);
  events.append(event);
  events.close();
}
