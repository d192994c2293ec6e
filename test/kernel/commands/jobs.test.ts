import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { jobs } from '../../../kernel/commands/jobs.ts';
import { makeRepository } from '../../magics/governance/repository-fixture.ts';
import type { TestPayload } from '../../magics/jobs/test-worker.ts';
import { buildWorker, submitTest } from '../../magics/jobs/worker-fixture.ts';
import { runCommand } from './run-command.ts';

let distFolder: string;

beforeAll(async () => {
  distFolder = await buildWorker();
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

  it('are listed with what they have cost, where the settings name a price', async () => {
    const folder = makeRepository();
    mkdirSync(path.join(folder, 'llmops'));
    const prices = { currency: 'EUR', local: { coreHour: 3600 } };
    writeFileSync(path.join(folder, 'llmops/jobs.json'), JSON.stringify({ prices }));
    const job = await submit(folder, 'succeed');
    await job.follow();
    expect((await runCommand(jobs, [], { folder })).stdout).toMatch(/succeeded {2}0\.\d\d EUR {2}/);
    const [listed] = JSON.parse((await runCommand(jobs, ['--json'], { folder })).stdout);
    expect(listed.cost).toEqual({ value: expect.any(Number), currency: 'EUR', perHour: 3600 });
    expect(listed.cost.value).toBeGreaterThan(0.1);
  });

  it('are cancelled, and resumed as their next attempt', async () => {
    const folder = makeRepository();
    const job = await submit(folder, 'hang');
    const cancelled = runCommand(jobs, ['cancel', job.id], { folder });
    expect((await cancelled).stdout).toBe(`Cancelled ${job.id}.\n`);
    const resumed = await runCommand(jobs, ['resume', job.id], { folder, distFolder });
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringContaining('succeeded') });
  });

  it('are resumed without being followed', async () => {
    const folder = makeRepository();
    const job = await submit(folder, 'fail');
    expect((await job.follow()).status).toBe('failed');
    const resumed = await runCommand(jobs, ['resume', job.id, '--detach'], { folder, distFolder });
    expect(resumed).toMatchObject({ code: 0, stdout: expect.stringContaining(`llmops jobs attach ${job.id}`) });
    expect((await job.follow()).status).toBe('failed');
  });

  it('says which verbs there are', async () => {
    await expect(runCommand(jobs, ['cancl'], { folder: makeRepository() })).rejects.toThrow('Did you mean "cancel"?');
  });
});

function submit(folder: string, payload: TestPayload) {
  return submitTest(payload, { folder, distFolder });
}
