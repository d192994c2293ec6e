import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { processStartTime } from '../governance/process-start-time.ts';
import { writeFileAtomic } from '../governance/write-file-atomic.ts';
import { workerMissing } from './errors.ts';
import { jobFile, readAttempt } from './job-folder.ts';

/** Starts the next attempt of a job: a detached `node dist/worker.js JOBFOLDER` that outlives this process. */
export async function startWorker(jobFolder: string, distFolder: string): Promise<void> {
  const entry = path.join(distFolder, 'worker.js');
  if (!existsSync(entry)) throw workerMissing(entry);
  const attempt = (await readAttempt(jobFolder)) + 1;
  await Promise.all([jobFile.worker, jobFile.cancel].map((name) => rm(path.join(jobFolder, name), { force: true })));
  await writeFileAtomic(path.join(jobFolder, jobFile.attempt), String(attempt));
  await mkdir(path.join(jobFolder, 'checkpoints'), { recursive: true });
  const log = await open(path.join(jobFolder, jobFile.log), 'a');
  try {
    const worker = spawn(process.execPath, [entry, jobFolder], {
      cwd: jobFolder,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      windowsHide: true,
    });
    await new Promise((resolve, reject) => worker.once('spawn', resolve).once('error', reject));
    worker.unref();
    await writeWorkerFile(jobFolder, worker.pid!);
  } finally {
    await log.close();
  }
}

/** Records which process works on the job; both sides write it, so that neither's death leaves it out. */
export async function writeWorkerFile(jobFolder: string, pid: number): Promise<void> {
  const startTime = await processStartTime(pid);
  if (startTime === undefined) return;
  await writeFileAtomic(path.join(jobFolder, jobFile.worker), JSON.stringify({ pid, startTime }));
}
