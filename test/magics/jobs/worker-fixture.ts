import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { type Job, submitJob } from '../../../magics/jobs/index.ts';
import type { JobEvent } from '../../../magics/jobs/protocol.ts';
import type { JobResources } from '../../../magics/jobs/resources.ts';
import { makeFolder } from '../governance/repository-fixture.ts';
import type { TestPayload } from './test-worker.ts';

/** Builds the test worker, and other programs, into a folder of its own, from which jobs are started. */
export async function buildWorker(others: Record<string, string> = {}): Promise<string> {
  const distFolder = makeFolder();
  await build({
    entryPoints: { worker: 'test/magics/jobs/test-worker.ts', ...others },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outdir: distFolder,
    logLevel: 'warning',
  });
  writeFileSync(path.join(distFolder, 'package.json'), '{"type":"module"}');
  return distFolder;
}

let submitted = 0;

/** Submits a job of the test worker's; each is another one. */
export function submitTest(
  payload: TestPayload,
  { folder, distFolder }: { folder: string; distFolder: string },
  resources: JobResources = {},
  kind: 'eval' | 'finetune' = 'eval',
): Promise<Job> {
  const request = { kind, title: `test ${payload}`, key: `${payload}-${submitted++}`, payload, resources };
  return submitJob(request, { folder, distFolder });
}

/** Pid of the process that has the job: its worker, or its worker's supervisor. */
export function workerPid(job: Job): number {
  return JSON.parse(readFileSync(path.join(job.folder, 'worker.pid'), 'utf8')).pid;
}

/** Resolves once the job has an event of that type. */
export async function hasEvent(job: Job, type: JobEvent['type']): Promise<void> {
  while (!(await job.events()).some((event) => event.type === type)) await sleep(20);
}

/** Resolves once the condition holds. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}

/** Ends a job that a test has left, with all its processes. */
export async function endJob(job: Job): Promise<void> {
  const status = await job.status();
  if ((status !== 'running' && status !== 'queued') || !existsSync(path.join(job.folder, 'worker.pid'))) return;
  process.kill(-workerPid(job), 'SIGKILL');
}
