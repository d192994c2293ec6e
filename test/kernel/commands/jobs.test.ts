import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { jobs } from '../../../kernel/commands/jobs.ts';
import { submitJob } from '../../../magics/jobs/index.ts';
import { makeFolder, makeRepository } from '../../magics/governance/repository-fixture.ts';
import { runCommand } from './run-command.ts';

const distFolder = makeFolder();

beforeAll(async () => {
  writeFileSync(path.join(distFolder, 'package.json'), '{"type":"module"}');
  await build({
    entryPoints: { worker: 'test/magics/jobs/test-worker.ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outdir: distFolder,
    logLevel: 'warning',
  });
});

describe('jobs', () => {
  it('are listed, attached to, and their logs printed', async () => {
    const folder = makeRepository();
    expect((await runCommand(jobs, [], { folder })).stdout).toContain('No jobs yet');
    const job = await submit(folder, 'succeed');
    const attached = await runCommand(jobs, ['attach', job.id], { folder });
    expect(attached).toMatchObject({ code: 0, stdout: expect.stringContaining('test succeed: succeeded') });
    expect(attached.stdout).toMatch(/^testing ████░░░░░░░░ 33% 1\/3/);
    const redrawn = await runCommand(jobs, ['attach', job.id], { folder, terminal: true });
    expect(redrawn.stdout.match(/\r/g)).toHaveLength(3);
    expect((await runCommand(jobs, [], { folder })).stdout).toContain(`${job.id}  succeeded`);
    const list = JSON.parse((await runCommand(jobs, ['list', '--json'], { folder })).stdout);
    expect(list).toMatchObject([{ id: job.id, status: 'succeeded' }]);
    const crashed = await submit(folder, 'crash');
    expect((await runCommand(jobs, ['attach', crashed.id], { folder })).code).toBe(1);
    expect((await runCommand(jobs, ['logs', crashed.id], { folder })).stdout).toContain('TypeError: deep inside');
  });

  it('are cancelled, and resumed as their next attempt', async () => {
    const folder = makeRepository();
    const job = await submit(folder, 'hang');
    const cancelled = runCommand(jobs, ['cancel', job.id], { folder });
    expect((await cancelled).stdout).toBe(`Cancelled ${job.id}.\n`);
    const resumed = await runCommand(jobs, ['resume', job.id], { folder, distFolder });
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringContaining('succeeded') });
  });

  it('says which verbs there are', async () => {
    await expect(runCommand(jobs, ['cancl'], { folder: makeRepository() })).rejects.toThrow('Did you mean "cancel"?');
  });
});

function submit(folder: string, payload: string) {
  const request = { kind: 'eval' as const, title: `test ${payload}`, key: payload, payload };
  return submitJob(request, { folder, distFolder });
}
