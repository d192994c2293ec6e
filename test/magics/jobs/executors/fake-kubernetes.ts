import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const amounts = z.record(z.string(), z.string().regex(/^\d+$/));
const pod = z.strictObject({
  volumes: z.array(
    z.strictObject({ name: z.string(), persistentVolumeClaim: z.strictObject({ claimName: z.string() }) }),
  ),
  containers: z.array(
    z.strictObject({
      name: z.literal('node'),
      volumeMounts: z.array(z.strictObject({ name: z.string(), mountPath: z.string() })),
    }),
  ),
});
const jobPatch = z.strictObject({
  name: z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/),
  template: z.strictObject({ spec: z.strictObject({ template: z.strictObject({ spec: pod }) }) }),
});
const runtimePatch = z.strictObject({
  manager: z.string().min(1).max(253),
  trainingRuntimeSpec: z.strictObject({
    template: z.strictObject({ spec: z.strictObject({ replicatedJobs: z.array(jobPatch) }) }),
  }),
});
/** The part of the schema of trainer.kubeflow.org/v1alpha1 that jobs use; a strict server refuses what it does not know. */
const trainJob = z.strictObject({
  apiVersion: z.literal('trainer.kubeflow.org/v1alpha1'),
  kind: z.literal('TrainJob'),
  metadata: z.strictObject({
    name: z
      .string()
      .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/)
      .max(63),
    namespace: z.string(),
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()),
  }),
  spec: z.strictObject({
    runtimeRef: z.strictObject({
      apiGroup: z.literal('trainer.kubeflow.org'),
      kind: z.enum(['ClusterTrainingRuntime', 'TrainingRuntime']),
      name: z.string().min(1).max(253),
    }),
    trainer: z.strictObject({
      image: z.string().max(500),
      command: z.array(z.string().max(65_536)).max(128),
      numNodes: z.int(),
      resourcesPerNode: z.strictObject({ limits: amounts, requests: amounts }).optional(),
    }),
    runtimePatches: z.array(runtimePatch).max(16).optional(),
  }),
});
type TrainJob = z.output<typeof trainJob>;

interface Running {
  readonly job: TrainJob;
  readonly gpus: number;
  process?: ChildProcess;
  isDeleted: boolean;
  failures: number;
  condition?: { type: 'Complete' | 'Failed'; status: 'True'; reason: string; message: string };
}

/** Kubernetes' API with TrainJobs, on loopback; what a pod would run is run as a process of this machine. */
export interface FakeKubernetes {
  readonly server: string;
  readonly token: string;
  readonly jobs: ReadonlyMap<string, { readonly job: TrainJob; readonly process?: ChildProcess }>;
  /** While it is set, the server answers so to everything. */
  outage: number | undefined;
  close(): Promise<void>;
}

/** Starts one with a single node of so many GPUs, where a worker that fails is started again `backoffLimit` times. */
export async function startFakeKubernetes(gpus = 1, backoffLimit = 2): Promise<FakeKubernetes> {
  const token = 'let-me-in';
  const jobs = new Map<string, Running>();

  function schedule(): void {
    for (const [name, running] of jobs) {
      const used = [...jobs.values()].reduce((sum, each) => sum + (each.process === undefined ? 0 : each.gpus), 0);
      if (running.process !== undefined || running.condition !== undefined || running.isDeleted) continue;
      if (used + running.gpus <= gpus) runPod(name, running);
    }
  }

  function runPod(name: string, running: Running): void {
    const [program, ...args] = running.job.spec.trainer.command;
    running.process = spawn(program!, args, { stdio: 'ignore' });
    running.process.once('exit', (code) => {
      running.process = undefined;
      if (running.isDeleted) jobs.delete(name);
      else if (code === 0) running.condition = ended('Complete', 'AllJobsCompleted');
      else if (++running.failures > backoffLimit) running.condition = ended('Failed', 'BackoffLimitExceeded');
      schedule();
    });
  }

  function submit(text: string): [number, object] {
    const told = trainJob.safeParse(JSON.parse(text));
    if (!told.success) return problem(400, `strict decoding error: ${z.prettifyError(told.error)}`);
    const { metadata, spec } = told.data;
    if (jobs.has(metadata.name)) return problem(409, `trainjobs "${metadata.name}" already exists`);
    if (spec.runtimeRef.name !== 'torch-distributed') return problem(403, `${spec.runtimeRef.name} is not found`);
    const asked = Number(spec.trainer.resourcesPerNode?.limits['nvidia.com/gpu'] ?? 0);
    jobs.set(metadata.name, { job: told.data, gpus: asked, isDeleted: false, failures: 0 });
    schedule();
    return [201, told.data];
  }

  function remove(name: string): [number, object] {
    const running = jobs.get(name);
    if (running === undefined) return problem(404, `trainjobs "${name}" not found`);
    running.isDeleted = true;
    if (running.process === undefined) jobs.delete(name);
    else running.process.kill('SIGTERM');
    return [200, {}];
  }

  function answer(request: IncomingMessage, text: string): [number, object] {
    if (outageOf(fake) !== undefined) return problem(outageOf(fake)!, 'etcdserver: leader changed');
    if (request.headers.authorization !== `Bearer ${token}`) return problem(401, 'Unauthorized');
    const url = new URL(request.url!, 'http://localhost');
    const [, kind, name] = /\/namespaces\/team\/(trainjobs|pods)(?:\/([^/]+))?$/.exec(url.pathname) ?? [];
    if (kind === 'pods') {
      const running = jobs.get(url.searchParams.get('labelSelector')!.split('=')[1]!);
      if (request.method === 'DELETE') running?.process?.kill('SIGKILL');
      return [200, { items: running === undefined ? [] : [{ status: podStatus(running) }] }];
    }
    if (kind === undefined) return problem(404, 'the server could not find the requested resource');
    if (request.method === 'POST') return submit(text);
    if (request.method === 'DELETE') return remove(name!);
    const running = jobs.get(name!);
    return running === undefined ? problem(404, `trainjobs "${name}" not found`) : [200, describe(running)];
  }

  const server = createServer((request, response) => void serve(request, response, answer));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const fake: FakeKubernetes = {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    jobs,
    outage: undefined,
    async close() {
      for (const running of jobs.values()) running.isDeleted = true;
      for (const { process: worker } of jobs.values()) worker?.kill('SIGKILL');
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return fake;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: IncomingMessage, text: string) => [number, object],
): Promise<void> {
  let text = '';
  for await (const part of request) text += String(part);
  const [status, body] = answer(request, text);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function outageOf(fake: FakeKubernetes): number | undefined {
  return fake.outage;
}

function problem(code: number, message: string): [number, object] {
  return [code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code }];
}

function ended(type: 'Complete' | 'Failed', reason: string): Running['condition'] {
  return { type, status: 'True', reason, message: 'jobset ended' };
}

function describe({ job, isDeleted, condition }: Running): object {
  const deletionTimestamp = isDeleted ? new Date().toISOString() : undefined;
  return {
    ...job,
    metadata: { ...job.metadata, deletionTimestamp },
    status: { conditions: condition === undefined ? undefined : [condition] },
  };
}

function podStatus({ process: worker, condition }: Running): object {
  if (worker !== undefined) return { phase: 'Running', containerStatuses: [{ state: { running: { startedAt: '' } } }] };
  if (condition !== undefined) return { phase: condition.type === 'Complete' ? 'Succeeded' : 'Failed' };
  const message = '0/1 nodes are available: 1 Insufficient nvidia.com/gpu.';
  return {
    phase: 'Pending',
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
  };
}
