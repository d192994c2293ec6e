import { chmodSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { slurm } from '../../../../magics/jobs/executors/slurm.ts';
import { makeFolder } from '../../governance/repository-fixture.ts';

const searchPath = process.env.PATH;
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

afterEach(() => {
  process.env.PATH = searchPath;
});

/** A job folder whose job Slurm calls RUNNING since so many minutes; its worker has shown itself `beaten` minutes ago. */
function makeRunningJob(started: number, beaten?: number): string {
  const folder = makeFolder();
  const start = minutesAgo(started);
  const local = new Date(start.getTime() - start.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
  const squeue = path.join(folder, 'squeue');
  writeFileSync(squeue, `#!/bin/sh\necho '12|RUNNING|None|${local}'\n`);
  chmodSync(squeue, 0o755);
  process.env.PATH = `${folder}${path.delimiter}${searchPath}`;
  writeFileSync(path.join(folder, 'executor.json'), '{"slurmJob":"12"}');
  if (beaten !== undefined) {
    writeFileSync(path.join(folder, 'heartbeat'), '');
    utimesSync(path.join(folder, 'heartbeat'), minutesAgo(beaten), minutesAgo(beaten));
  }
  return folder;
}

describe.skipIf(process.platform === 'win32')('a job that Slurm calls running', () => {
  it('runs, while its worker shows itself or has had no time to', async () => {
    expect(await slurm.state(makeRunningJob(90, 2))).toEqual({ state: 'running' });
    expect(await slurm.state(makeRunningJob(2))).toEqual({ state: 'running' });
    // Requeued: the sign of life is of the attempt before.
    expect(await slurm.state(makeRunningJob(2, 200))).toEqual({ state: 'running' });
  });

  it.each([
    ['whose worker fell silent', 90, 7],
    ['whose worker was lost with its node before it could begin', 7, 200],
    ['that never had a worker', 7, undefined],
  ])('%s is told as unknown, with its last sign of life and what to do', async (_, started, beaten) => {
    const folder = makeRunningJob(started, beaten);
    const state = await slurm.state(folder);
    expect(state).toMatchObject({
      state: 'unknown',
      reason: expect.stringMatching(/job 12 runs, but .* 7 minutes ago/),
    });
    expect(state).toMatchObject({ reason: expect.stringContaining(`llmops jobs cancel ${path.basename(folder)}`) });
  });
});
