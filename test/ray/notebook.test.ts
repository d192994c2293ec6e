import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { KernelClient, RequestEvent } from '../../kernel/client.ts';
import { jobs } from '../../kernel/commands/jobs.ts';
import { mime } from '../../magics/context.ts';
import { openStore } from '../../magics/governance/open-store.ts';
import { type Job, listJobs } from '../../magics/jobs/index.ts';
import { runCommand } from '../kernel/commands/run-command.ts';
import { startTestKernel } from '../kernel/kernel.ts';
import { makeTrainingRepository, trainingCell } from '../magics/finetune/notebook-fixture.ts';
import { until } from '../magics/jobs/worker-fixture.ts';
import { type RayCluster, startRay } from './cluster.ts';

const onCluster = ['executor: ray', 'gpus: 1', 'memory: 1G', 'time: 30m'];
let cluster: RayCluster;
const kernels: KernelClient[] = [];

beforeAll(async () => {
  cluster = await startRay();
  Object.assign(process.env, cluster.env);
});
afterEach(() => Promise.all(kernels.splice(0).map((kernel) => kernel.close())));
afterAll(() => cluster?.stop());

/** Real trainings from cells of a real kernel, on a cluster of two GPUs. */
describe('a notebook beside a Ray cluster', () => {
  /** Runs a cell in a kernel of its own; `charts` counts what its charts have shown so far. */
  async function startCell(folder: string, code: string) {
    const kernel = await startTestKernel(folder);
    kernels.push(kernel);
    const seen: RequestEvent[] = [];
    const ended = kernel.request({ method: 'execute', cellId: 'a', code }, (event) => seen.push(event));
    const bundles = () =>
      seen.flatMap((event) => (event.type === 'display' || event.type === 'update_display' ? [event.data] : []));
    let hasEnded = false;
    void ended.then(() => {
      hasEnded = true;
    });
    return {
      ended,
      /** Resolves once the condition holds; rejects when the cell ends before that. */
      async until(condition: () => Promise<boolean>) {
        for (;;) {
          const isOver = hasEnded;
          if (await condition()) return;
          if (isOver) throw new Error(`The cell ended early: ${JSON.stringify(seen.slice(-5))}`);
          await sleep(20);
        }
      },
      charts: () => bundles().filter((data) => mime.vegaLite in data).length,
      lines: () => bundles().map((data) => String(data[mime.text])),
      interrupt: () => kernel.request({ method: 'interrupt' }),
    };
  }

  async function onlyJob(folder: string, cell: Awaited<ReturnType<typeof startCell>>): Promise<Job> {
    await cell.until(async () => (await listJobs(folder)).length > 0);
    return (await listJobs(folder))[0]!;
  }

  it('trains on a GPU of the cluster while its chart moves; killed, it is run again from its checkpoint', async () => {
    const folder = makeTrainingRepository();
    const training = trainingCell(['max_steps: 4000', 'save_steps: 200', ...onCluster, 'retry: 1']);
    const cell = await startCell(folder, training);
    const job = await onlyJob(folder, cell);
    await cell.until(async () => (await job.events()).some(({ type }) => type === 'checkpoint'));
    expect(await cluster.job(`llmops-${job.id}-1`)).toMatchObject({
      status: 'RUNNING',
      metadata: { llmops_job: job.id },
    });
    expect((await runCommand(jobs, [], { folder })).stdout).toContain(`${job.id}  running`);
    await cell.until(async () => cell.charts() > 2);
    const before = cell.charts();
    const [started] = (await job.events()).filter((event) => event.type === 'started');
    process.kill(started!.pid, 'SIGKILL');
    expect((await cell.ended).status).toBe('ok');
    expect(cell.charts()).toBeGreaterThan(before);
    expect(cell.lines().some((line) => line.startsWith('tiny@v1.0.0'))).toBe(true);
    const texts = (await job.events()).flatMap((event) => (event.type === 'message' ? [event.text] : []));
    expect(texts.some((text) => /^Resumed from the checkpoint of step \d+/.test(text))).toBe(true);
  });

  it('the trials of a sweep are jobs of the cluster, at the same time', async () => {
    const folder = makeTrainingRepository();
    const options = ['max_steps: 60', 'val_set_size: 10', 'method: grid'];
    const parameters = 'parameters: { learning_rate: { values: [0.02, 0.000001] } }';
    const cell = await startCell(
      folder,
      trainingCell([...options, parameters, ...onCluster], '%%finetune sweep --as sweep'),
    );
    await cell.until(async () => (await listJobs(folder)).length === 2);
    expect((await cell.ended).status).toBe('ok');
    const statuses = (await listJobs(folder)).map(async ({ id }) => (await cluster.job(`llmops-${id}-1`)).status);
    await until(async () => (await Promise.all(statuses)).every((status) => status !== 'PENDING'));
    expect(cell.lines().some((line) => line.startsWith('tiny@v1.0.0: best of 2 trials by validation loss'))).toBe(true);
  });

  it('an interrupt of the cell cancels the job; the chart stays', async () => {
    const folder = makeTrainingRepository();
    const cell = await startCell(folder, trainingCell(['max_steps: 1000000', ...onCluster]));
    await cell.until(async () => cell.charts() > 2);
    await cell.interrupt();
    expect((await cell.ended).status).not.toBe('ok');
    // The cell ends at once; the rest is done behind it.
    await until(async () => cell.lines().some((line) => /Training tiny was stopped at step \d+ of 1000000/.test(line)));
    const [run] = await (await openStore(folder)).list('run');
    expect(run).toMatchObject({ status: 'cancelled', reason: 'interrupted' });
  });
});
