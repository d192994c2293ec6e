import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { executorIn } from './executors/index.ts';
import { readFinishedStatus } from './finished-status.ts';
import { jobFile } from './job-folder.ts';

/** Asks the worker to stop and waits until it is gone; one that has not stopped after 10 s is ended. */
export async function cancelJob(jobFolder: string, killAfterMs = 10_000): Promise<void> {
  const executor = await executorIn(jobFolder);
  if ((await executor.state(jobFolder)).state === 'gone') return;
  await writeFile(path.join(jobFolder, jobFile.cancel), '');
  const killAt = Date.now() + killAfterMs;
  for (let asked = false; ; ) {
    const { state } = await executor.state(jobFolder);
    if (state === 'gone') return;
    // Whoever runs it does not answer; that the worker has seen the file `cancel` and ended, its folder tells.
    if (state === 'unknown' && (await readFinishedStatus(jobFolder)) !== undefined) return;
    if (state !== 'starting') {
      if (!asked) await executor.stop(jobFolder, false);
      asked = true;
      if (Date.now() > killAt) await executor.stop(jobFolder, true);
    }
    await sleep(50);
  }
}
