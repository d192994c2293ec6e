import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Job, openJob, submitJob } from '../../magics/jobs/index.ts';
import type { JobEvent } from '../../magics/jobs/protocol.ts';
import type { JobResources } from '../../magics/jobs/resources.ts';
import { makeFolder } from '../magics/governance/repository-fixture.ts';
import type { TestPayload } from '../magics/jobs/test-worker.ts';
import { buildWorker, hasEvent, submitTest, until } from '../magics/jobs/worker-fixture.ts';
import { type RayCluster, startRay } from './cluster.ts';

let cluster: RayCluster;
let distFolder: string;
const folder = makeFolder();

beforeAll(async () => {
  distFolder = await buildWorker();
  cluster = await startRay();
  Object.assign(process.env, cluster.env);
});
afterAll(async () => {
  await cluster?.stop();
});

describe('jobs on a Ray cluster', () => {
  function submit(payload: TestPayload, resources: JobResources = {}): Promise<Job> {
    return submitTest(payload, { folder, distFolder }, { executor: 'ray', ...resources });
  }
  const submissionOf = (job: Job, attempt = 1) => `llmops-${job.id}-${attempt}`;
  const attemptsOf = async (job: Job) =>
    (await job.events()).flatMap((event) => (event.type === 'started' ? [event.attempt] : []));
  /** The process that works on a job. */
  const workerOf = async (job: Job) =>
    (await job.events()).flatMap((e) => (e.type === 'started' ? [e.pid] : [])).at(-1)!;

  it('a job has the GPUs that it asked for, waits while others have them, and says so in Ray’s words', async () => {
    const both = await submit('stop', { gpus: 2, memory: '200M' });
    await hasEvent(both, 'progress');
    const where = await submit('where', { gpus: 2 });
    const seen: JobEvent[] = [];
    const followed = where.follow((event) => seen.push(event));
    const isQueued = (event: JobEvent) => event.type === 'progress' && /^queued: .*resources/.test(event.phase);
    await until(async () => seen.some(isQueued));
    expect(await where.status()).toBe('queued');
    expect(await where.waiting()).toMatch(/^queued: Job has not started yet/);
    await both.cancel();
    expect(await both.status()).toBe('cancelled');
    const finished = await followed;
    expect(finished.status).toBe('succeeded');
    expect((finished.result as { gpus: string }).gpus.split(',').sort()).toEqual(['0', '1']);
  });

  it('a job that waits is cancelled at once, and does not start when its turn comes', async () => {
    const busy = await submit('stop', { gpus: 2 });
    await hasEvent(busy, 'progress');
    const waiting = await submit('hang', { gpus: 1 });
    await until(async () => (await waiting.status()) === 'queued');
    await waiting.cancel();
    expect(await waiting.status()).toBe('cancelled');
    const again = await submitJob({ ...waiting.spec, resources: { executor: 'ray' } }, { folder, distFolder });
    expect(again.id).toBe(waiting.id);
    expect(await again.follow()).toMatchObject({ status: 'succeeded', result: { attempt: 2 } });
    await busy.cancel();
    await until(async () => !['PENDING', 'RUNNING'].includes((await cluster.job(submissionOf(waiting))).status));
    expect(await attemptsOf(again)).toEqual([2]);
  });

  it('a worker that was killed is told as such, and goes on in its next attempt when it is run again', async () => {
    const job = await submit('hang');
    await hasEvent(job, 'progress');
    process.kill(await workerOf(job), 'SIGKILL');
    const finished = await job.follow();
    expect(finished.status).toBe('failed');
    expect(finished.error?.message).toMatch(
      /^Ray ended job llmops-\S+-1 \(FAILED\): its worker was killed .* Run it again/,
    );
    expect(await job.status()).toBe('lost');
    const again = await submitJob({ ...job.spec }, { folder, distFolder });
    expect(again.id).toBe(job.id);
    expect(await again.follow()).toMatchObject({ status: 'succeeded', result: { attempt: 2 } });
  });

  it('with --retry the job starts again by itself, and with --time it ends in time', async () => {
    const retried = await submit('die once', { retry: 1 });
    const slow = await submit('stop', { time: '1s' });
    expect(await retried.follow()).toMatchObject({ status: 'succeeded', result: { attempt: 2 } });
    expect((await slow.follow()).error?.message).toMatch(/^It reached its time limit of 1s/);
  });

  it('a job that others stop through Ray says so, with and without a supervisor', async () => {
    const jobs = [await submit('stop'), await submit('stop', { time: '1h' })];
    await Promise.all(jobs.map((job) => hasEvent(job, 'progress')));
    for (const job of jobs) {
      await stopThroughRay(submissionOf(job));
      expect((await job.follow()).error?.message).toMatch(/\(STOPPED\): it was stopped through Ray\. Run it again/);
      const texts = (await job.events()).flatMap((event) => (event.type === 'message' ? [event.text] : []));
      expect(texts).toEqual([expect.stringMatching(/^Stopped by the cluster/)]);
    }
  });

  it('a failed job has its error; Ray takes an attempt once, however often it is submitted', async () => {
    const job = await submit('fail');
    expect(await job.follow()).toMatchObject({
      status: 'failed',
      error: { message: 'The column "txt" does not exist.' },
    });
    const { ray } = await import('../../magics/jobs/executors/ray.ts');
    await ray.start(job.folder, job.spec, distFolder);
    await until(async () => (await ray.state(job.folder)).state === 'gone');
    expect(await attemptsOf(job)).toEqual([1]);
  });

  it('who may not ask is told what to set', async () => {
    const { RAY_AUTH_TOKEN } = process.env;
    process.env.RAY_AUTH_TOKEN = 'another';
    try {
      await expect(submit('succeed')).rejects.toThrow(
        /did not take the job: .*authentication token; set RAY_AUTH_MODE/,
      );
    } finally {
      process.env.RAY_AUTH_TOKEN = RAY_AUTH_TOKEN;
    }
  });

  it('a server that is away is waited for, and jobs go on; a cluster that was replaced has lost them', async () => {
    const job = await submit('stop');
    const other = await submit('hang');
    await Promise.all([hasEvent(job, 'progress'), hasEvent(other, 'progress')]);
    await cluster.cutOff();
    const seen: JobEvent[] = [];
    const followed = job.follow((event) => seen.push(event));
    await until(async () => seen.some((event) => event.type === 'progress' && /Ray does not answer/.test(event.phase)));
    await expect(submit('succeed')).rejects.toThrow(/did not take the job: it does not answer \(ECONNREFUSED\)/);
    // Its worker sees the file in its folder.
    await job.cancel();
    expect(await followed).toMatchObject({ status: 'cancelled' });
    await cluster.reconnect();
    expect(await other.status()).toBe('running');

    await cluster.replace();
    expect((await other.follow()).error?.message).toMatch(/^Ray does not know job .*\. Run it again to resume/);
    expect(await (await openJob(folder, job.id)).status()).toBe('cancelled');
    const again = await submitJob({ ...other.spec }, { folder, distFolder });
    expect(await again.follow()).toMatchObject({ status: 'succeeded', result: { attempt: 2 } });
  });

  async function stopThroughRay(submission: string): Promise<void> {
    const { askRay } = await import('../../magics/jobs/executors/ray-client.ts');
    const answer = await askRay(cluster.env.RAY_API_SERVER_ADDRESS!, 'POST', `${submission}/stop`);
    expect(answer).toEqual({ answer: { stopped: true } });
  }
});
