import { z } from 'zod';
import { jobFile } from '../job-folder.ts';
import type { JobSpec } from '../protocol.ts';
import { memoryBytes } from '../resources.ts';
import type { JobSettings } from '../settings.ts';
import type { ExecutorState } from './executor.ts';

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
});
const deletable = z.object({ deletionTimestamp: z.string().nullish() });

/** What Kubernetes tells of a TrainJob, as far as it matters here. Source: trainer.kubeflow.org/v1alpha1. */
export const trainJob = z.object({
  metadata: deletable,
  status: z.object({ conditions: z.array(condition).nullish() }).nullish(),
});

/** What Kubernetes tells of pods. Source: PodStatus of v1. */
export const podList = z.object({
  items: z.array(
    z.object({
      status: z.object({
        phase: z.string().nullish(),
        conditions: z.array(condition).nullish(),
        containerStatuses: z
          .array(
            z.object({
              state: z
                .object({
                  running: z.object({}).nullish(),
                  waiting: z.object({ reason: z.string().nullish(), message: z.string().nullish() }).nullish(),
                })
                .nullish(),
            }),
          )
          .nullish(),
      }),
    }),
  ),
});
type Pod = z.output<typeof podList>['items'][number];

/** What the settings say of the cluster, checked. */
export interface TrainJobPlace extends Omit<JobSettings['kubeflow'], 'namespace' | 'context'> {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly worker: string;
  readonly jobFolder: string;
}

/** The manager of our part of a job, as Kubeflow wants it named. */
const manager = 'llmops.dev/jobs';

/** The TrainJob of a job: one node of the runtime, with our image, command and resources, and the shared files. */
export function trainJobOf({ id, title, folder, resources = {} }: JobSpec, place: TrainJobPlace): object {
  const { gpus, cpus, memory } = resources;
  const asked = Object.entries({
    'nvidia.com/gpu': gpus || undefined,
    cpu: cpus,
    memory: memory && memoryBytes(memory),
  }).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  const amounts = Object.fromEntries(asked) as Record<string, string>;
  return {
    apiVersion: 'trainer.kubeflow.org/v1alpha1',
    kind: 'TrainJob',
    metadata: {
      name: place.name,
      namespace: place.namespace,
      labels: { 'app.kubernetes.io/managed-by': 'llmops' },
      annotations: { 'llmops.dev/job': id, 'llmops.dev/title': title },
    },
    spec: {
      runtimeRef: { apiGroup: 'trainer.kubeflow.org', kind: place.runtimeKind, name: place.runtime },
      trainer: {
        image: place.image,
        // The worker takes the place of the shell, so that signals reach it; its log is where the others read it.
        command: ['sh', '-c', `exec node "$0" "$1" >>"$1/${jobFile.log}" 2>&1`, place.worker, place.jobFolder],
        numNodes: 1,
        ...(asked.length === 0 ? {} : { resourcesPerNode: { limits: amounts, requests: amounts } }),
      },
      ...(place.claim === undefined ? {} : { runtimePatches: [filesPatch(place.claim, place.mountPath ?? folder)] }),
    },
  };
}

/** Mounts the claim into the node, whose job and container Kubeflow's runtimes call `node`. */
function filesPatch(claim: string, mountPath: string): object {
  const pod = {
    volumes: [{ name: 'llmops', persistentVolumeClaim: { claimName: claim } }],
    containers: [{ name: 'node', volumeMounts: [{ name: 'llmops', mountPath }] }],
  };
  const replicatedJobs = [{ name: 'node', template: { spec: { template: { spec: pod } } } }];
  return { manager, trainingRuntimeSpec: { template: { spec: { replicatedJobs } } } };
}

/** A TrainJob's conditions and its pods as the state of the job; undefined pods are ones that may not be seen. */
export function stateOf(
  name: string,
  { metadata, status }: z.output<typeof trainJob>,
  pods: readonly Pod[] | undefined,
): ExecutorState | undefined {
  const holds = (type: string) => status?.conditions?.find((each) => each.type === type && each.status === 'True');
  const failed = holds('Failed');
  if (failed) return { state: 'gone', reason: `Kubernetes ended TrainJob ${name}: ${wordsOf(failed)}` };
  if (holds('Complete'))
    return { state: 'gone', reason: `TrainJob ${name} is complete, and its worker left no result` };
  if (metadata.deletionTimestamp) return { state: 'running' };
  const suspended = holds('Suspended');
  if (suspended) return { state: 'queued', reason: wordsOf(suspended) };
  return pods && podState(pods);
}

function podState(pods: readonly Pod[]): ExecutorState {
  const containers = pods.flatMap(({ status }) => status.containerStatuses ?? []);
  if (containers.some(({ state }) => state?.running)) return { state: 'running' };
  const waiting = containers.find(({ state }) => state?.waiting)?.state?.waiting;
  if (waiting) return { state: 'queued', reason: wordsOf(waiting) };
  const refused = pods
    .flatMap(({ status }) => status.conditions ?? [])
    .find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (refused) return { state: 'queued', reason: wordsOf(refused) };
  // Pods that have ended are not the end: Kubernetes may start the job again, or is about to say how it ended.
  const hasEnded = pods.some(({ status }) => status.phase === 'Succeeded' || status.phase === 'Failed');
  return hasEnded ? { state: 'running' } : { state: 'queued', reason: 'its pod is being made' };
}

function wordsOf({ reason, message }: { reason?: string | null; message?: string | null }): string {
  return [reason, message].filter(Boolean).join(': ').slice(0, 500);
}
