import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../../../magics/jobs/index.ts';
import type { JobEvent } from '../../../../magics/jobs/protocol.ts';
import type { JobResources } from '../../../../magics/jobs/resources.ts';
import { makeFolder } from '../../governance/repository-fixture.ts';
import type { TestPayload } from '../test-worker.ts';
import { buildWorker, endJob, hasEvent, submitTest, until, workerPid } from '../worker-fixture.ts';

describe("this machine's queue", () => {
  let distFolder: string;
  let folder: string;
  const started: Job[] = [];
  beforeAll(async () => {
    distFolder = await buildWorker();
  });
  afterEach(() => Promise.all(started.splice(0).map(endJob)));

  async function train(payload: TestPayload, resources: JobResources = {}): Promise<Job> {
    const job = await submitTest(payload, { folder, distFolder }, resources, 'finetune');
    started.push(job);
    return job;
  }

  /** A repository whose machine has so many GPUs and cores for jobs. */
  function makePlace(slots: { gpus?: number; cores?: number } = {}): void {
    folder = makeFolder();
    mkdirSync(path.join(folder, '.llmops'));
    writeFileSync(path.join(folder, '.llmops/jobs.json'), JSON.stringify({ slots }));
  }

  const isQueued = (job: Job) => until(async () => (await job.status()) === 'queued');

  it('runs one training at a time; those that wait say how many are before them', async () => {
    makePlace();
    const first = await train('stop');
    await hasEvent(first, 'progress');
    const [second, third] = [await train('succeed'), await train('succeed')];
    await isQueued(second);
    await until(async () => (await third.waiting()) === 'queued: 2 before it');
    expect(await second.waiting()).toBe('queued: 1 before it');
    const seen: JobEvent[] = [];
    const followed = third.follow((event) => seen.push(event));
    await until(async () => seen.some((event) => event.type === 'progress' && event.phase === 'queued: 2 before it'));
    await first.cancel();
    expect((await followed).status).toBe('succeeded');
    const [before, after] = await Promise.all([second.events(), third.events()]);
    expect(before.at(-1)!.time <= after[0]!.time).toBe(true);
    await until(async () => readdirSync(path.join(folder, '.llmops/queue/entries')).length === 0);
  });

  it('starts a job of higher priority first', async () => {
    makePlace();
    const first = await train('stop');
    await hasEvent(first, 'progress');
    const usual = await train('succeed');
    await isQueued(usual);
    const urgent = await train('succeed', { priority: 10 });
    await until(async () => (await usual.waiting()) === 'queued: 2 before it');
    await first.cancel();
    await Promise.all([usual.follow(), urgent.follow()]);
    const startOf = async (job: Job) => (await job.events())[0]!.time;
    expect((await startOf(urgent)) < (await startOf(usual))).toBe(true);
  });

  it('gives the slot of a killed worker to the next', async () => {
    makePlace();
    const first = await train('stop');
    await hasEvent(first, 'progress');
    const next = await train('succeed');
    await isQueued(next);
    process.kill(workerPid(first), 'SIGKILL');
    expect((await next.follow()).status).toBe('succeeded');
  });

  it('passes over a job that was killed while it waited', async () => {
    makePlace();
    const first = await train('stop');
    await hasEvent(first, 'progress');
    const [second, third] = [await train('succeed'), await train('succeed')];
    await until(async () => (await third.waiting()) === 'queued: 2 before it');
    process.kill(workerPid(second), 'SIGKILL');
    await until(async () => (await third.waiting()) === 'queued: 1 before it');
    expect(await second.status()).toBe('lost');
    await first.cancel();
    expect((await third.follow()).status).toBe('succeeded');
  });

  it('cancels a job that waits without ever starting it', async () => {
    makePlace();
    const first = await train('stop');
    await hasEvent(first, 'progress');
    const waiting = await train('succeed');
    await isQueued(waiting);
    await waiting.cancel();
    expect(await waiting.status()).toBe('cancelled');
    expect(await waiting.events()).toEqual([]);
    expect((await waiting.follow()).status).toBe('cancelled');
  });

  it('hands out GPUs by number, and cores to those that ask for some', async () => {
    makePlace({ gpus: 2, cores: 2 });
    const both = [await train('stop', { gpus: 1 }), await train('stop', { gpus: 1 })];
    await Promise.all(both.map((job) => hasEvent(job, 'progress')));
    const third = await train('where', { gpus: 1 });
    await isQueued(third);
    const oneCore = await (await train('where', { cpus: 1 })).follow();
    expect(oneCore.result).toMatchObject({ cores: 1 });
    await both[1]!.cancel();
    expect(['0', '1']).toContain(((await third.follow()).result as { gpus: string }).gpus);
  });

  it('refuses at once what this machine will never have, saying what to do', async () => {
    makePlace({ gpus: 1 });
    await expect(train('succeed', { gpus: 2 })).rejects.toThrow(
      'The job asks for 2 GPUs, and this machine has 1 GPU for jobs. Ask for fewer with --gpus, ' +
        'raise "slots": { "gpus": 2 } in .llmops/jobs.json, or use a cluster with --executor slurm, ray or kubeflow.',
    );
  });

  it('other work does not wait for a training', async () => {
    makePlace();
    await hasEvent(await train('stop'), 'progress');
    const other = await submitTest('succeed', { folder, distFolder });
    expect((await other.follow()).status).toBe('succeeded');
  });

  it('20 trainings, some of them killed, run one at a time, and all that live finish', async () => {
    makePlace();
    const jobs: Job[] = [];
    for (let i = 0; i < 20; i++) jobs.push(await train(i % 5 === 4 ? 'die' : 'where'));
    await Promise.all(jobs.map((job) => job.follow()));
    const spans = (await Promise.all(jobs.map((job) => job.events()))).map((events) => {
      return { start: events[0]!.time, end: events.at(-1)!.time };
    });
    spans.sort((a, b) => a.start.localeCompare(b.start));
    expect(spans.every(({ start }, i) => i === 0 || start >= spans[i - 1]!.end)).toBe(true);
    const ends = await Promise.all(jobs.map((job) => job.status()));
    expect(ends.map((status, i) => (i % 5 === 4 ? status === 'lost' : status === 'succeeded'))).not.toContain(false);
  });
});
