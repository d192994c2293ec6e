import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Job, openJob, submitJob, submitJobs } from '../../magics/jobs/index.ts';
import type { JobEvent } from '../../magics/jobs/protocol.ts';
import type { JobResources } from '../../magics/jobs/resources.ts';
import { makeFolder } from '../magics/governance/repository-fixture.ts';
import type { TestPayload } from '../magics/jobs/test-worker.ts';
import { buildWorker, hasEvent, submitTest, until } from '../magics/jobs/worker-fixture.ts';
import { type Cluster, startCluster, whyNoSlurm } from './cluster.ts';

describe.skipIf(whyNoSlurm() !== undefined)('jobs on a Slurm cluster of two nodes', () => {
  let distFolder: string;
  const folder = makeFolder();
  let cluster: Cluster;

  beforeAll(async () => {
    distFolder = await buildWorker();
    cluster = await startCluster();
    process.env.SLURM_CONF = cluster.env.SLURM_CONF;
  });
  afterAll(async () => {
    delete process.env.SLURM_CONF;
    await cluster?.stop();
  });

  function submit(payload: TestPayload, resources: JobResources = {}): Promise<Job> {
    const onCluster = { executor: 'slurm' as const, memory: '200M', ...resources };
    return submitTest(payload, { folder, distFolder }, onCluster);
  }

  it('a job runs on a node, with the GPUs that it asked for', async () => {
    const job = await submit('where', { gpus: 2, time: '5m', cpus: 1 });
    const finished = await job.follow();
    expect(finished).toMatchObject({
      status: 'succeeded',
      result: { gpus: '0,1', node: expect.stringMatching(/^n[12]$/) },
    });
  });

  it('what Slurm has forgotten, the job folder still knows', async () => {
    const job = await submit('succeed');
    expect(await job.follow()).toMatchObject({ status: 'succeeded', result: { attempt: 1 } });
    await until(async () => (await cluster.slurm('squeue', '--noheader', '--states=all')) === '');
    expect(await (await openJob(folder, job.id)).status()).toBe('succeeded');
  });

  it('a waiting job says what it waits for; cancelling reaches it, and running ones within 2 seconds', async () => {
    const busy = [await submit('stop', { gpus: 2 }), await submit('stop', { gpus: 2 })];
    await Promise.all(busy.map((job) => hasEvent(job, 'progress')));
    const waiting = await submit('succeed', { gpus: 1 });
    const seen: JobEvent[] = [];
    const followed = waiting.follow((event) => seen.push(event));
    await until(async () => seen.some((event) => event.type === 'progress' && /^queued: /.test(event.phase)));
    expect(await waiting.status()).toBe('queued');
    await waiting.cancel();
    expect(await followed).toMatchObject({ status: 'cancelled' });

    const start = Date.now();
    const ends = busy.map((job) => job.follow());
    await Promise.all(busy.map((job) => job.cancel()));
    for (const end of ends) expect(await end).toMatchObject({ status: 'cancelled' });
    expect(Date.now() - start).toBeLessThan(20_000);
  });

  it('a job that others cancel through Slurm says so, and can be run again', async () => {
    const job = await submit('hang');
    await hasEvent(job, 'progress');
    await cluster.slurm('scancel', '--name', `llmops-${job.id}`);
    const finished = await job.follow();
    expect(finished.status).toBe('failed');
    expect(finished.error?.message).toMatch(
      /Slurm ended job \d+ \(CANCELLED\): it was cancelled through Slurm\. Run it again/,
    );
    const again = await submitJob({ ...job.spec }, { folder, distFolder });
    expect(again.id).toBe(job.id);
    expect(await again.follow()).toMatchObject({ status: 'succeeded', result: { attempt: 2 } });
  });

  it('a job whose node is killed is requeued and goes on in its next attempt', async () => {
    const job = await submit('hang');
    await hasEvent(job, 'progress');
    const node = await cluster.slurm('squeue', '--noheader', `--name=llmops-${job.id}`, '--format=%N');
    const followed = job.follow();
    await cluster.killNode(node);
    await until(async () => (await job.status()) === 'queued');
    const slurmJob = await cluster.slurm('squeue', '--noheader', `--name=llmops-${job.id}`, '--format=%A');
    // A requeued job waits two minutes by itself; the other node could take it now.
    await cluster.slurm('scontrol', 'update', `JobId=${slurmJob}`, 'StartTime=now');
    expect(await followed).toMatchObject({ status: 'succeeded' });
    const attempts = (await job.events()).flatMap((event) => (event.type === 'started' ? [event.attempt] : []));
    expect(attempts).toEqual([1, 2]);
    await cluster.startNode(node);
    await cluster.idle();
  }, 120_000);

  it('a controller that is away is waited for; the job goes on', async () => {
    const job = await submit('stop');
    await hasEvent(job, 'progress');
    await cluster.stopController();
    const seen: JobEvent[] = [];
    const followed = job.follow((event) => seen.push(event));
    await until(async () =>
      seen.some((event) => event.type === 'progress' && /Slurm does not answer/.test(event.phase)),
    );
    await cluster.startController();
    await until(async () => (await cluster.slurm('squeue', '--noheader').catch(() => '')).includes('llmops-'));
    await job.cancel();
    expect(await followed).toMatchObject({ status: 'cancelled' });
  }, 120_000);

  it('a job that no node can run is refused with Slurm’s reason', async () => {
    await expect(submit('succeed', { gpus: 99 })).rejects.toThrow(/Slurm did not take the job: .*configuration/);
    await expect(submit('succeed', { partition: 'nowhere' })).rejects.toThrow(
      /Slurm did not take the job: .*partition/,
    );
  });

  it('several at once are one array, a few of them at a time; each has its own folder, log and state', async () => {
    const request = (payload: TestPayload, i: number) => ({
      ...{ kind: 'eval' as const, title: payload, key: `array-${i}`, payload },
      resources: { executor: 'slurm' as const, memory: '200M' },
    });
    const requests = (['where', 'stop', 'crash', 'succeed'] as const).map(request);
    const jobs = await submitJobs(requests, { folder, distFolder }, { parallel: 2 });
    const [where, stop, crash, succeed] = jobs as [Job, Job, Job, Job];
    expect(await where.follow()).toMatchObject({
      status: 'succeeded',
      result: { node: expect.stringMatching(/^n[12]$/) },
    });
    await hasEvent(stop, 'progress');
    const states = await cluster.slurm('squeue', '--noheader', '--array', '--states=running', '--format=%F_%K');
    expect(states.split('\n').length).toBeLessThanOrEqual(2);
    expect(await crash.follow()).toMatchObject({ status: 'failed', error: { message: 'deep inside' } });
    expect(readFileSync(path.join(crash.folder, 'log.txt'), 'utf8')).toContain('TypeError: deep inside');
    expect((await succeed.follow()).status).toBe('succeeded');
    expect(await stop.status()).toBe('running');
    await stop.cancel();
    expect(await stop.status()).toBe('cancelled');

    // Those that are done are not started again; the others go on in their folders.
    const again = await submitJobs(requests, { folder, distFolder });
    expect(again.map(({ id, reused }) => [id, reused])).toEqual(jobs.map(({ id }, i) => [id, i === 0 || i === 3]));
    await again[1]!.cancel();
    await again[2]!.follow();
  }, 120_000);
});
