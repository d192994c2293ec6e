import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { executorOf } from './executors/index.ts';
import { jobFile, nextAttempt } from './job-folder.ts';
import type { JobSpec } from './protocol.ts';

/** Starts the next attempt of jobs where their specifications say; those that ask for the same, together where that is possible. */
export async function startAttempts(
  jobs: readonly { readonly folder: string; readonly spec: JobSpec }[],
  distFolder: string,
  parallel?: number,
): Promise<void> {
  for (const { folder } of jobs) await prepareFolder(folder);
  const alike = new Map<string, typeof jobs>();
  for (const job of jobs) {
    const asked = JSON.stringify(job.spec.resources ?? {});
    alike.set(asked, [...(alike.get(asked) ?? []), job]);
  }
  for (const group of alike.values()) {
    const executor = executorOf(group[0]!.spec);
    if (group.length > 1 && executor.startMany !== undefined) await executor.startMany(group, distFolder, parallel);
    else for (const { folder, spec } of group) await executor.start(folder, spec, distFolder);
  }
}

async function prepareFolder(jobFolder: string): Promise<void> {
  const old = [jobFile.worker, jobFile.cancel, jobFile.executor];
  await Promise.all(old.map((name) => rm(path.join(jobFolder, name), { force: true })));
  await mkdir(path.join(jobFolder, 'checkpoints'), { recursive: true });
  await nextAttempt(jobFolder);
}
