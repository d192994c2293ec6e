import { rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { jobFile } from './job-folder.ts';

const periodMs = 5_000;
/** Three beats may be missed: shared file systems show changes late. */
const freshMs = 4 * periodMs;
/** Silence that neither a long step of a training nor a slow file system explains: five minutes. */
const longSilenceMs = 60 * periodMs;

/** Shows through the job folder that this process works on the job, until `stop` is called or the process ends. */
export function startHeartbeat(jobFolder: string): { stop(): void } {
  const file = path.join(jobFolder, jobFile.heartbeat);
  const beat = () => writeFileSync(file, '');
  beat();
  const timer = setInterval(beat, periodMs).unref();
  return {
    stop() {
      clearInterval(timer);
      rmSync(file, { force: true });
    },
  };
}

/** True when the job's worker, wherever it runs, has shown itself lately. */
export function hasHeartbeat(jobFolder: string): boolean {
  const beaten = statSync(path.join(jobFolder, jobFile.heartbeat), { throwIfNoEntry: false });
  return beaten !== undefined && Date.now() - beaten.mtimeMs < freshMs;
}

/**
 * When the job's worker has shown itself last, counting its start as a sign; undefined while that is not long ago.
 * A start that is not known (0) counts for nothing.
 */
export function silentSince(jobFolder: string, startedAtMs: number, now = Date.now()): Date | undefined {
  const beaten = statSync(path.join(jobFolder, jobFile.heartbeat), { throwIfNoEntry: false });
  const lastMs = Math.max(beaten?.mtimeMs ?? 0, startedAtMs);
  return lastMs === 0 || now - lastMs < longSilenceMs ? undefined : new Date(lastMs);
}
