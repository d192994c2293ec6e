import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findWorker, jobFile } from './job-folder.ts';

/** Asks the worker to stop and waits until it is gone; one that has not stopped after 10 s is killed. */
export async function cancelJob(jobFolder: string, killAfterMs = 10_000): Promise<void> {
  if ((await findWorker(jobFolder)) === undefined) return;
  await writeFile(path.join(jobFolder, jobFile.cancel), '');
  const killAt = Date.now() + killAfterMs;
  for (let asked = false; ; ) {
    const worker = await findWorker(jobFolder);
    if (worker === undefined) return;
    if (worker !== 'starting') {
      if (!asked && process.platform !== 'win32') send(worker, 'SIGTERM');
      asked = true;
      if (Date.now() > killAt) send(worker, 'SIGKILL');
    }
    await sleep(50);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone: that is what was asked for.
  }
}
