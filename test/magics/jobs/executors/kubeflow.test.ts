import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubeflow } from '../../../../magics/jobs/executors/kubeflow.ts';
import { type Job, submitJob } from '../../../../magics/jobs/index.ts';
import type { JobEvent } from '../../../../magics/jobs/protocol.ts';
import type { JobResources } from '../../../../magics/jobs/resources.ts';
import { makeFolder } from '../../governance/repository-fixture.ts';
import type { TestPayload } from '../test-worker.ts';
import { buildWorker, hasEvent, submitTest, until } from '../worker-fixture.ts';
import { type FakeKubernetes, startFakeKubernetes } from './fake-kubernetes.ts';

let kubernetes: FakeKubernetes;
let distFolder: string;
const folder = makeFolder();
const kubeConfig = process.env.KUBECONFIG;

beforeAll(async () => {
  distFolder = await buildWorker();
  kubernetes = await startFakeKubernetes();
  process.env.KUBECONFIG = writeKubeConfig(kubernetes.token);
  writeSettings({ image: 'ghcr.io/team/node:20', claim: 'work' });
});
afterAll(async () => {
  await kubernetes?.close();
  process.env.KUBECONFIG = kubeConfig;
  if (kubeConfig === undefined) delete process.env.KUBECONFIG;
});

function writeKubeConfig(token: string): string {
  const file = path.join(makeFolder(), 'config');
  const config = {
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'team' } }],
    clusters: [{ name: 'c', cluster: { server: kubernetes.server } }],
    users: [{ name: 'u', user: { token } }],
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

function writeSettings(settings: object): void {
  mkdirSync(path.join(folder, 'llmops'), { recursive: true });
  writeFileSync(path.join(folder, 'llmops', 'jobs.json'), JSON.stringify({ kubeflow: settings }));
}

function submit(payload: TestPayload, resources: JobResources = {}): Promise<Job> {
  return submitTest(payload, { folder, distFolder }, { executor: 'kubeflow', ...resources });
}

const trainJobOf = (job: Job, attempt = 1) => kubernetes.jobs.get(`llmops-${job.id}-${attempt}`);
const attemptsOf = async (job: Job) =>
  (await job.events()).flatMap((event) => (event.type === 'started' ? [event.attempt] : []));

describe.skipIf(process.platform === 'win32')('jobs as TrainJobs of Kubeflow', () => {
  it('a job is a TrainJob with its resources and the shared files, and a pod does its work', async () => {
    const job = await submit('succeed', { gpus: 1, cpus: 2, memory: '1G' });
    expect(trainJobOf(job)?.job.spec).toMatchObject({
      runtimeRef: { name: 'torch-distributed' },
      trainer: {
        image: 'ghcr.io/team/node:20',
        command: ['sh', '-c', expect.stringMatching(/^exec node/), path.join(distFolder, 'worker.js'), job.folder],
        resourcesPerNode: { limits: { 'nvidia.com/gpu': '1', cpu: '2', memory: String(2 ** 30) } },
      },
    });
    const [patch] = trainJobOf(job)!.job.spec.runtimePatches!;
    const { spec } = patch!.trainingRuntimeSpec.template.spec.replicatedJobs[0]!.template.spec.template;
    expect(spec.volumes[0]!.persistentVolumeClaim.claimName).toBe('work');
    expect(spec.containers[0]!.volumeMounts[0]!.mountPath).toBe(folder);
    expect(await job.follow()).toMatchObject({ status: 'succeeded', result: { attempt: 1 } });
  });

  it('a job that waits says so in the words of the scheduler; cancelling deletes it, waiting or running', async () => {
    const busy = await submit('stop', { gpus: 1 });
    await hasEvent(busy, 'progress');
    const waiting = await submit('hang', { gpus: 1 });
    const seen: JobEvent[] = [];
    const followed = waiting.follow((event) => seen.push(event));
    const phases = () => seen.flatMap((event) => (event.type === 'progress' ? [event.phase] : []));
    await until(async () =>
      phases().includes('queued: Unschedulable: 0/1 nodes are available: 1 Insufficient nvidia.com/gpu.'),
    );
    expect(await waiting.status()).toBe('queued');
    await waiting.cancel();
    expect(await followed).toMatchObject({ status: 'cancelled' });
    await busy.cancel();
    expect(await busy.status()).toBe('cancelled');
    expect([trainJobOf(waiting), trainJobOf(busy)]).toEqual([undefined, undefined]);
  });

  it('a worker that Kubernetes starts again after it was killed goes on in its next attempt', async () => {
    const job = await submit('hang');
    await hasEvent(job, 'progress');
    trainJobOf(job)!.process!.kill('SIGKILL');
    expect(await job.follow()).toMatchObject({ status: 'succeeded', result: { attempt: 2 } });
    expect(await attemptsOf(job)).toEqual([1, 2]);
  });

  it('a job that fails by itself is not started again, and one that is killed too often says why it ended', async () => {
    const failing = await submit('fail');
    expect(await failing.follow()).toMatchObject({ error: { message: 'The column "txt" does not exist.' } });
    const dying = await submit('die');
    expect((await dying.follow()).error?.message).toMatch(
      /^Kubernetes ended TrainJob llmops-\S+-1: BackoffLimitExceeded: jobset ended\. Run it again to resume/,
    );
    expect(await attemptsOf(failing)).toEqual([1]);
    expect(await attemptsOf(dying)).toEqual([1, 2, 3]);
  });

  it('with --time the worker ends in time', async () => {
    const job = await submit('stop', { time: '1s' });
    expect((await job.follow()).error?.message).toMatch(/^It reached its time limit of 1s/);
  });

  it('a TrainJob that others delete is told, and runs again as another; an attempt is taken once', async () => {
    const job = await submit('stop');
    await hasEvent(job, 'progress');
    await kubeflow.start(job.folder, job.spec, distFolder);
    await kubeflow.stop(job.folder, false);
    expect((await job.follow()).error?.message).toMatch(/^TrainJob \S+ is not there any more: it was deleted/);
    const again = await submitJob({ ...job.spec }, { folder, distFolder });
    expect(again.id).toBe(job.id);
    await until(async () => (await attemptsOf(again)).length === 2);
    expect(trainJobOf(again, 2)).toBeDefined();
    await again.cancel();
  });

  it('a server that is away, or that knows nobody, leaves the state unknown; the job goes on', async () => {
    const job = await submit('stop');
    await hasEvent(job, 'progress');
    kubernetes.outage = 503;
    await until(async () => (await job.waiting()) !== undefined);
    expect(await job.waiting()).toMatch(
      /^Kubernetes \(context here\) does not answer at .*: etcdserver: leader changed/,
    );
    expect(await job.status()).toBe('running');
    kubernetes.outage = undefined;
    const { KUBECONFIG } = process.env;
    process.env.KUBECONFIG = writeKubeConfig('another');
    await until(async () => (await job.waiting())?.includes('does not tell: Unauthorized') === true);
    await expect(submit('succeed')).rejects.toThrow(/did not take the job: Unauthorized/);
    process.env.KUBECONFIG = KUBECONFIG;
    await job.cancel();
    expect(await job.status()).toBe('cancelled');
  });

  it('what the cluster refuses is told in its words; what is not set, before anything is asked', async () => {
    writeSettings({ image: 'node', runtime: 'nowhere' });
    await expect(submit('succeed')).rejects.toThrow(/did not take the job: nowhere is not found\./);
    writeSettings({ image: 'node', claim: 'work', mountPath: '/elsewhere' });
    await expect(submit('succeed')).rejects.toThrow(/^Pods would not see .*: the claim is mounted at \/elsewhere/);
    writeSettings({});
    await expect(submit('succeed')).rejects.toThrow(/^Pods need an image with Node/);
  });
});
