import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cancelJob } from '../../../magics/jobs/cancel.ts';
import { type Job, listJobs, openJob, resumeJob, submitJob } from '../../../magics/jobs/index.ts';
import { contentKey } from '../../../magics/jobs/key.ts';
import type { JobEvent } from '../../../magics/jobs/protocol.ts';
import { makeFolder } from '../governance/repository-fixture.ts';
import type { TestPayload } from './test-worker.ts';
import { buildWorker, endJob, hasEvent, workerPid } from './worker-fixture.ts';

let distFolder: string;
const started: Job[] = [];

beforeAll(async () => {
  distFolder = await buildWorker({ submit: 'test/magics/jobs/submit-and-exit.ts' });
});

afterEach(async () => {
  await Promise.all(started.splice(0).map(endJob));
});

describe('submitJob', () => {
  it('runs a job in a process of its own and gives its events and result', async () => {
    const job = await submit('succeed');
    const events: JobEvent[] = [];
    const finished = await job.follow((event) => events.push(event));

    expect(finished).toMatchObject({ status: 'succeeded', result: { attempt: 1 } });
    expect(events.map((event) => event.type)).toEqual(['started', 'progress', 'progress', 'progress', 'finished']);
    expect(events.map((event) => event.seq)).toEqual([1, 2, 3, 4, 5]);
    expect(workerPid(job)).not.toBe(process.pid);
    expect(await job.status()).toBe('succeeded');
    expect(await job.events()).toEqual(events);
  });

  it("tells the user's own mistake without a stack, and an unexpected error with it", async () => {
    const failed = await (await submit('fail')).follow();
    expect(failed.error).toEqual({ name: 'UserError', message: 'The column "txt" does not exist.' });
    const crashed = await (await submit('crash')).follow();
    expect(crashed).toMatchObject({ status: 'failed', error: { name: 'TypeError', message: 'deep inside' } });
    expect(crashed.error?.stack).toContain('worker.js');
  });

  it('fails a job whose work stops without an end', async () => {
    expect(await (await submit('stall')).follow()).toMatchObject({
      status: 'failed',
      error: { message: 'The worker ran out of work before the job was done.' },
    });
  });

  it('stops a cancelled job within 2 seconds', async () => {
    const job = await submit('stop');
    const following = job.follow();
    await hasEvent(job, 'progress');
    const before = Date.now();
    await job.cancel();
    expect((await following).status).toBe('cancelled');
    expect(Date.now() - before).toBeLessThan(2000);
    expect(await job.status()).toBe('cancelled');
  });

  it('kills a worker that does not stop when asked', async () => {
    const job = await submit('stubborn');
    const following = job.follow();
    await hasEvent(job, 'progress');
    await cancelJob(job.folder, 300);
    expect((await following).status).toBe('cancelled');
    expect(await job.status()).toBe('cancelled');
  });

  it('notices within 2 seconds that the worker was killed, and resumes the job as its second attempt', async () => {
    const folder = makeFolder();
    const job = await submit('hang', { folder });
    const following = job.follow();
    await hasEvent(job, 'progress');
    const before = Date.now();
    process.kill(workerPid(job), 'SIGKILL');
    expect(await following).toMatchObject({ status: 'failed', error: { name: 'WorkerLost' } });
    expect(Date.now() - before).toBeLessThan(2000);
    expect(await job.status()).toBe('lost');

    appendFileSync(path.join(job.folder, 'events.jsonl'), '{"type":"progress","seq":99,"ti');
    const again = await submit('hang', { folder });
    expect(again.id).toBe(job.id);
    expect(await again.follow()).toMatchObject({ status: 'succeeded', result: { attempt: 2 } });
    const events = await again.events();
    expect(events.map((event) => event.seq)).toEqual(events.map((_, i) => i + 1));
    expect(events.filter((event) => event.type === 'started').map((event) => event.attempt)).toEqual([1, 2]);
  });

  it('answers from the running or finished job of the same key unless asked for a fresh one', async () => {
    const folder = makeFolder();
    const both = await Promise.all([submit('succeed', { folder }), submit('succeed', { folder })]);
    expect(both[0].id).toBe(both[1].id);
    expect(both.map((job) => job.reused).sort()).toEqual([false, true]);
    await both[0].follow();
    const later = await submit('succeed', { folder });
    expect([later.id, later.reused]).toEqual([both[0].id, true]);
    expect((await later.follow()).status).toBe('succeeded');
    const fresh = await submit('succeed', { folder, fresh: true });
    expect(fresh.id).not.toBe(later.id);
    expect((await listJobs(folder)).map((job) => job.id)).toEqual([fresh.id, later.id]);
  });

  it('survives the death of the process that submitted it', async () => {
    const folder = makeFolder();
    const parent = spawn(process.execPath, [path.join(distFolder, 'submit.js'), folder, distFolder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const id = await new Promise<string>((resolve) =>
      parent.stdout.once('data', (text) => resolve(String(text).trim())),
    );
    parent.kill('SIGKILL');
    const job = await openJob(folder, id);
    started.push(job);
    expect((await job.follow()).status).toBe('succeeded');
  });

  it('leaves the job running when following is interrupted', async () => {
    const job = await submit('stop');
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    await expect(job.follow(undefined, { signal: controller.signal })).rejects.toThrow(/Interrupted/);
    expect(await job.status()).toBe('running');
  });

  it('says which jobs there are when one does not exist, and refuses to resume one that is done', async () => {
    const folder = makeFolder();
    const job = await submit('succeed', { folder });
    await expect(openJob(folder, `${job.id}x`)).rejects.toThrow(`Did you mean "${job.id}"?`);
    await expect(resumeJob(folder, job.id, distFolder)).rejects.toThrow(/still running/);
    await job.follow();
    await expect(resumeJob(folder, job.id, distFolder)).rejects.toThrow(/succeeded already/);
  });

  it('says how to build the worker when it is missing', async () => {
    const request = { kind: 'eval' as const, title: 'test', key: 'k', payload: null };
    await expect(submitJob(request, { folder: makeFolder(), distFolder: makeFolder() })).rejects.toThrow(
      /npm run build/,
    );
  });
});

async function submit(payload: TestPayload, { folder = makeFolder(), fresh = false } = {}): Promise<Job> {
  const request = { kind: 'eval' as const, title: `test ${payload}`, key: contentKey({ payload }), payload };
  const job = await submitJob(request, { folder, distFolder }, { fresh });
  started.push(job);
  return job;
}
