import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { KernelClient, RequestEvent } from '../../kernel/client.ts';
import { mime } from '../../magics/context.ts';
import { evaluateModel } from '../../magics/eval/evaluate.ts';
import { evalOptions } from '../../magics/eval/options.ts';
import { openStore } from '../../magics/governance/open-store.ts';
import { type Job, listJobs } from '../../magics/jobs/index.ts';
import type { JobResources } from '../../magics/jobs/resources.ts';
import { startTestKernel } from '../kernel/kernel.ts';
import { makeContext, makeModelRepository } from '../magics/eval/model-fixture.ts';
import { makeTrainingRepository, trainingCell } from '../magics/finetune/notebook-fixture.ts';
import { git, makeFolder } from '../magics/governance/repository-fixture.ts';
import type { TestPayload } from '../magics/jobs/test-worker.ts';
import { buildWorker, hasEvent, submitTest, until } from '../magics/jobs/worker-fixture.ts';
import { type Cluster, startCluster, whyNoSlurm } from './cluster.ts';

const onCluster = ['executor: slurm', 'gpus: 1', 'cpus: 1', 'memory: 1G', 'time: 10m'];

/** Real trainings from cells of a real kernel, on a cluster of two nodes with two GPUs each. */
describe.skipIf(whyNoSlurm() !== undefined)('a notebook beside a Slurm cluster', { timeout: 240_000 }, () => {
  let cluster: Cluster;
  const kernels: KernelClient[] = [];
  beforeAll(async () => {
    cluster = await startCluster();
    process.env.SLURM_CONF = cluster.env.SLURM_CONF;
  });
  afterEach(() => Promise.all(kernels.splice(0).map((kernel) => kernel.close())));
  afterAll(async () => {
    delete process.env.SLURM_CONF;
    await cluster?.stop();
  });

  /** Runs a cell in a kernel of its own; `charts` counts what its charts have shown so far. */
  async function startCell(folder: string, code: string) {
    const kernel = await startTestKernel(folder);
    kernels.push(kernel);
    const seen: RequestEvent[] = [];
    const ended = kernel.request({ method: 'execute', cellId: 'a', code }, (event) => seen.push(event));
    const bundles = () =>
      seen.flatMap((event) => (event.type === 'display' || event.type === 'update_display' ? [event.data] : []));
    return {
      ended,
      charts: () => bundles().filter((data) => mime.vegaLite in data).length,
      lines: () => bundles().map((data) => String(data[mime.text])),
      interrupt: () => kernel.request({ method: 'interrupt' }),
    };
  }

  async function onlyJob(folder: string): Promise<Job> {
    await until(async () => (await listJobs(folder)).length > 0);
    return (await listJobs(folder))[0]!;
  }

  it('trains on a GPU of a node while its chart moves; the same cell on this machine answers from that', async () => {
    const folder = makeTrainingRepository();
    const cell = await startCell(folder, trainingCell(['max_steps: 3000', ...onCluster]));
    await until(async () => cell.charts() > 2);
    const job = await onlyJob(folder);
    expect(await job.status()).toBe('running');
    expect(await cluster.slurm('squeue', '--noheader', `--name=llmops-${job.id}`, '--format=%T %b')).toMatch(
      /^RUNNING gres(:|\/)gpu:1$/,
    );
    expect((await cell.ended).status).toBe('ok');
    expect(cell.lines().some((line) => line.startsWith('tiny@v1.0.0'))).toBe(true);
    expect(git(folder, 'status', '--porcelain')).toBe('?? rows.jsonl');

    const again = await startCell(folder, trainingCell(['max_steps: 3000']));
    expect((await again.ended).status).toBe('ok');
    expect(again.lines().some((line) => line.includes('The same training was done before'))).toBe(true);
  });

  it('an interrupt of the cell cancels the job; the chart stays', async () => {
    const folder = makeTrainingRepository();
    const cell = await startCell(folder, trainingCell(['max_steps: 1000000', ...onCluster]));
    await until(async () => cell.charts() > 2);
    await cell.interrupt();
    expect((await cell.ended).status).not.toBe('ok');
    // The cell ends at once; the rest is done behind it.
    await until(async () => cell.lines().some((line) => /Training tiny was stopped at step \d+ of 1000000/.test(line)));
    expect(await cluster.slurm('squeue', '--noheader', '--states=running,pending')).toBe('');
    const [run] = await (await openStore(folder)).list('run');
    expect(run).toMatchObject({ status: 'cancelled', reason: 'interrupted' });
  });

  it('a killed node: requeued, resumed from its checkpoint, and the same weights as a training that nothing disturbed', async () => {
    const folder = makeTrainingRepository();
    const training = ['max_steps: 6000', 'save_steps: 200', 'seed: 7'];
    const cell = await startCell(folder, trainingCell([...training, ...onCluster]));
    const job = await onlyJob(folder);
    await hasEvent(job, 'checkpoint');
    const node = await cluster.slurm('squeue', '--noheader', `--name=llmops-${job.id}`, '--format=%N');
    await cluster.killNode(node);
    await until(async () => cell.lines().some((line) => line.startsWith('queued: ')));
    const slurmJob = await cluster.slurm('squeue', '--noheader', `--name=llmops-${job.id}`, '--format=%A');
    const before = cell.charts();
    // A requeued job waits two minutes by itself; the other node could take it now.
    await cluster.slurm('scontrol', 'update', `JobId=${slurmJob}`, 'StartTime=now');
    const starts = async () => (await job.events()).filter(({ type }) => type === 'started').length;
    await until(async () => (await starts()) === 2);
    await cluster.startNode(node);
    expect((await cell.ended).status).toBe('ok');
    expect(cell.charts()).toBeGreaterThan(before);
    const events = await job.events();
    expect(events.flatMap((event) => (event.type === 'started' ? [event.attempt] : []))).toEqual([1, 2]);
    const texts = events.flatMap((event) => (event.type === 'message' ? [event.text] : []));
    expect(texts.some((text) => /^Resumed from the checkpoint of step \d+/.test(text))).toBe(true);

    const undisturbed = makeTrainingRepository();
    expect((await (await startCell(undisturbed, trainingCell(training))).ended).status).toBe('ok');
    expect(await weightsOf(folder)).toEqual(await weightsOf(undisturbed));
  });

  it('a controller that is restarted: the training goes on, and its chart with it', async () => {
    const folder = makeTrainingRepository();
    const cell = await startCell(folder, trainingCell(['max_steps: 8000', ...onCluster]));
    await until(async () => cell.charts() > 2);
    await cluster.stopController();
    const before = cell.charts();
    await until(async () => cell.charts() > before + 1);
    await cluster.startController();
    expect((await cell.ended).status).toBe('ok');
  });

  it('an evaluation asks its model on a node', async () => {
    const { folder, store } = await makeModelRepository();
    const resources = { executor: 'slurm', gpus: 1, cpus: 1, memory: '1G', device: 'cpu' };
    const question = { model: 'cron-lora', data: 'test.csv', target: 'cron', maxNewTokens: 8 };
    const { id } = await evaluateModel(evalOptions.parse({ ...question, ...resources }), makeContext(folder).context);
    expect((await store.read('eval', id))!.metrics.exact_match).toMatchObject({ n: 4 });
    const [job] = await listJobs(folder);
    expect(job!.spec.resources).toMatchObject({ executor: 'slurm', gpus: 1 });
    expect(slurmJobOf(job!)).toMatch(/^\d+$/);
  });

  it('a sweep is one array, with its comparison live and its trials on the nodes', async () => {
    const folder = makeTrainingRepository();
    const options = ['max_steps: 100', 'val_set_size: 10', 'method: grid'];
    const parameters = 'parameters: { learning_rate: { values: [0.02, 0.000001, 0.003, 0.01, 0.001, 0.0001] } }';
    const code = trainingCell([...options, parameters, ...onCluster], '%%finetune sweep --as sweep');
    const cell = await startCell(folder, code);
    expect((await cell.ended).status).toBe('ok');
    const tasks = (await listJobs(folder)).map(slurmJobOf).sort();
    expect(tasks).toEqual(tasks.map((_, i) => `${tasks[0]!.split('_')[0]}_${i}`));
    expect(tasks).toHaveLength(6);
    expect(cell.charts()).toBeGreaterThan(3);
    expect(cell.lines().some((line) => line.startsWith('tiny@v1.0.0: best of 6 trials by validation loss'))).toBe(true);
    const store = await openStore(folder);
    const [id] = await store.names('sweep');
    expect((await store.read('sweep', id!))!.trials.map(({ status }) => status)).toEqual(Array(6).fill('succeeded'));
  });

  it('a training waits among 100 jobs that are queued, says so, and all finish', async () => {
    const place = { folder: makeFolder(), distFolder: await buildWorker() };
    const resources = { executor: 'slurm', memory: '200M' } as const;
    const submitMany = (count: number, ...[payload, more]: [TestPayload, JobResources?]) =>
      Promise.all(Array.from({ length: count }, () => submitTest(payload, place, { ...resources, ...more })));
    // Until the training has said that it waits, all GPUs are taken.
    const holders = await submitMany(4, 'stop', { gpus: 1 });
    const jobs = await submitMany(100, 'where');
    const folder = makeTrainingRepository();
    const cell = await startCell(folder, trainingCell(['max_steps: 100', 'priority: 50', ...onCluster]));
    await until(async () => cell.lines().some((line) => line.startsWith('queued: ')));
    await Promise.all(holders.map((job) => job.cancel()));
    const ends = await Promise.all(jobs.map((job) => job.follow()));
    expect(ends.map(({ status }) => status)).toEqual(jobs.map(() => 'succeeded'));
    expect((await cell.ended).status).toBe('ok');
    expect(cell.charts()).toBeGreaterThan(0);
  }, 300_000);
});

/** Slurm's number of a job: `12_3` in an array. */
function slurmJobOf(job: Job): string {
  return JSON.parse(readFileSync(path.join(job.folder, 'executor.json'), 'utf8')).slurmJob;
}

/** Digests of the model's files that the run recorded. */
async function weightsOf(folder: string) {
  const [model] = await (await openStore(folder)).list('model');
  return model!.files.filter(({ path: name }) => name.endsWith('.safetensors')).map(({ oid }) => oid);
}
