import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../../magics/jobs/index.ts';
import type { JobResources } from '../../../magics/jobs/resources.ts';
import { makeFolder } from '../governance/repository-fixture.ts';
import type { TestPayload } from './test-worker.ts';
import { buildWorker, endJob, hasEvent, submitTest, until, workerPid } from './worker-fixture.ts';

describe('a job with limits', () => {
  let distFolder: string;
  const started: Job[] = [];
  beforeAll(async () => {
    distFolder = await buildWorker();
  });
  afterEach(() => Promise.all(started.splice(0).map(endJob)));

  async function submit(payload: TestPayload, resources: JobResources): Promise<Job> {
    const job = await submitTest(payload, { folder: makeFolder(), distFolder }, resources);
    started.push(job);
    return job;
  }

  it('is ended when it takes more memory than it asked for; the message names the limit and what to ask for', async () => {
    const job = await submit('greedy', { memory: '250M', retry: 3 });
    const finished = await job.follow();
    expect(finished.status).toBe('failed');
    expect(finished.error?.message).toMatch(
      /^It needed (\d+M of memory, more|more memory) than its limit of 250M \(--memory 250M\).* for example --memory [4-9]00M,/,
    );
    expect(await job.status()).toBe('failed');
  });

  it('is stopped at its time limit, with time to save its work', async () => {
    const finished = await (await submit('stop', { time: '1s' })).follow();
    expect(finished).toMatchObject({
      status: 'failed',
      error: { message: expect.stringMatching(/^It reached its time limit of 1s .* ask for more .*--time 2s\.$/) },
    });
  });

  it('is started again when it crashes, in its next attempt', async () => {
    const job = await submit('die once', { retry: 2 });
    const texts: string[] = [];
    const finished = await job.follow((event) => void (event.type === 'message' && texts.push(event.text)));
    expect(finished).toMatchObject({ status: 'succeeded', result: { attempt: 2 } });
    expect(texts).toEqual([expect.stringMatching(/^The worker was killed .* Attempt 2 begins \(--retry 2\)\.$/)]);
    expect((await job.events()).map(({ seq }) => seq)).toEqual((await job.events()).map((_, i) => i + 1));
  });

  it('fails when it has crashed as often as it may, and says how', async () => {
    const job = await submit('die', { retry: 1 });
    expect(await job.follow()).toMatchObject({
      status: 'failed',
      error: { name: 'WorkerLost', message: expect.stringMatching(/^The worker was killed \(SIGKILL/) },
    });
    expect((await job.events()).filter(({ type }) => type === 'started')).toHaveLength(2);
  });

  it("is not started again after the user's own mistake", async () => {
    const job = await submit('fail', { retry: 5 });
    expect(await job.follow()).toMatchObject({ status: 'failed', error: { name: 'UserError' } });
    expect((await job.events()).filter(({ type }) => type === 'started')).toHaveLength(1);
  });

  it('is cancelled with all its processes', async () => {
    const job = await submit('stop', { time: '1h' });
    await hasEvent(job, 'progress');
    const pid = await childPid(job);
    await job.cancel();
    expect(await job.status()).toBe('cancelled');
    expect(() => process.kill(pid, 0)).toThrow();
  });

  it('ends its worker when whoever watches it is killed: a resumed job is alone', async () => {
    const job = await submit('stop', { time: '1h' });
    await hasEvent(job, 'progress');
    const pid = await childPid(job);
    process.kill(workerPid(job), 'SIGKILL');
    await until(async () => !isAlive(pid));
    expect(await job.status()).toBe('lost');
  });
});

async function childPid(job: Job): Promise<number> {
  const event = (await job.events()).find(({ type }) => type === 'started');
  return (event as { pid: number }).pid;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
