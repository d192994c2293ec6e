import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { isUserError, UserError } from '../../errors.ts';
import { writeFileAtomic } from '../../governance/write-file-atomic.ts';
import { hasHeartbeat } from '../heartbeat.ts';
import { jobFile, readAttempt } from '../job-folder.ts';
import type { JobSpec } from '../protocol.ts';
import { type JobSettings, readJobSettings } from '../settings.ts';
import type { Executor, ExecutorState } from './executor.ts';
import { askKube, type KubeAnswer } from './kube-client.ts';
import { type KubeAccess, kubeAccess } from './kube-config.ts';
import { podList, stateOf, trainJob, trainJobOf } from './kubeflow-job.ts';
import { recentStates } from './recent-states.ts';
import { workerProgram } from './worker-program.ts';

const executorFile = z.object({ trainJob: z.string(), namespace: z.string(), context: z.string() });
type Submission = z.output<typeof executorFile>;

/**
 * A Kubernetes cluster with Kubeflow Trainer whose pods see the repository's files at the same path. Kubernetes starts a
 * worker again that crashed or lost its node; it goes on from its last checkpoint. A TrainJob that is gone has its truth
 * in the job folder.
 */
export const kubeflow: Executor = {
  name: 'kubeflow',
  async start(jobFolder, spec, distFolder) {
    const { kubeflow: settings } = await readJobSettings(spec.folder);
    const image = imageOf(settings, spec);
    const access = await kubeAccess(settings.context);
    const namespace = settings.namespace ?? access.namespace;
    // One name for each attempt: however often it is submitted, Kubernetes takes it once.
    const name = `llmops-${spec.id}-${await readAttempt(jobFolder)}`.toLowerCase();
    const worker = settings.worker ?? workerProgram(distFolder);
    const body = trainJobOf(spec, { ...settings, image, worker, jobFolder, name, namespace });
    await keepSubmission(jobFolder, { trainJob: name, namespace, context: access.context });
    const answer = await askKube(access, 'POST', `${pathOf(namespace)}?fieldValidation=Strict`, {
      body,
      limitMs: 60_000,
    });
    const problem = whyNotTaken(answer);
    if (problem === undefined) return;
    await rm(path.join(jobFolder, jobFile.executor), { force: true });
    throw notSubmitted(access.server, problem);
  },
  state: (jobFolder) => states.of(jobFolder),
  async stop(jobFolder, force) {
    const submission = await submissionOf(jobFolder);
    if (submission === undefined) return;
    const access = await kubeAccess(submission.context);
    const { namespace, trainJob: name } = submission;
    // The pods' workers are asked to end; the job is there until they have.
    await askKube(access, 'DELETE', `${pathOf(namespace)}/${name}`, { body: { propagationPolicy: 'Foreground' } });
    if (force) await askKube(access, 'DELETE', podsPath(submission), { body: { gracePeriodSeconds: 0 } });
    states.forget(jobFolder);
  },
};

const states = recentStates(2_000, askState);

function pathOf(namespace: string): string {
  return `/apis/trainer.kubeflow.org/v1alpha1/namespaces/${encodeURIComponent(namespace)}/trainjobs`;
}

/** A TrainJob's pods are those of the JobSet that it becomes, which has its name. */
function podsPath({ namespace, trainJob: name }: Submission): string {
  const selector = encodeURIComponent(`jobset.sigs.k8s.io/jobset-name=${name}`);
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?labelSelector=${selector}`;
}

/** Undefined when Kubernetes has the job, or may have it: then its state tells. */
function whyNotTaken(answer: KubeAnswer): string | undefined {
  if ('answer' in answer) return undefined;
  if ('unreachable' in answer) return answer.unsent ? `it does not answer (${answer.unreachable})` : undefined;
  // An earlier try has reached it.
  return answer.status === 409 ? undefined : answer.refused;
}

async function askState(jobFolder: string): Promise<ExecutorState> {
  const submission = await submissionOf(jobFolder);
  if (submission === undefined) return { state: 'gone', reason: 'it was never given to Kubernetes' };
  const access = await kubeAccess(submission.context).catch((error: unknown) => {
    if (isUserError(error)) return error.message;
    throw error;
  });
  if (typeof access === 'string') return { state: 'unknown', reason: access };
  const name = submission.trainJob;
  const [job, pods] = await Promise.all([
    askKube(access, 'GET', `${pathOf(submission.namespace)}/${name}`),
    askKube(access, 'GET', podsPath(submission)),
  ]);
  if ('unreachable' in job) return unknown(access, `does not answer at ${access.server}: ${job.unreachable}`);
  if ('refused' in job) {
    if (job.status !== 404) return unknown(access, `does not tell: ${job.refused}`);
    if (hasHeartbeat(jobFolder)) return { state: 'running' };
    return { state: 'gone', reason: `TrainJob ${name} is not there any more: it was deleted, or never taken` };
  }
  const told = trainJob.safeParse(job.answer);
  if (!told.success) return unknown(access, `at ${access.server} answers with something else than a TrainJob`);
  const seen = 'answer' in pods ? podList.safeParse(pods.answer).data?.items : undefined;
  return stateOf(name, told.data, seen) ?? { state: hasHeartbeat(jobFolder) ? 'running' : 'queued' };
}

function unknown({ context }: KubeAccess, problem: string): ExecutorState {
  return { state: 'unknown', reason: `Kubernetes (context ${context}) ${problem}` };
}

async function keepSubmission(jobFolder: string, submission: Submission): Promise<void> {
  states.forget(jobFolder);
  await writeFileAtomic(path.join(jobFolder, jobFile.executor), JSON.stringify(submission));
}

async function submissionOf(jobFolder: string): Promise<Submission | undefined> {
  const file = path.join(jobFolder, jobFile.executor);
  return existsSync(file) ? executorFile.parse(JSON.parse(await readFile(file, 'utf8'))) : undefined;
}

/** The image that pods run, once it is sure that they see the job's folder. */
function imageOf({ image, claim, mountPath }: JobSettings['kubeflow'], { folder }: JobSpec): string {
  if (image === undefined) throw imageMissing();
  const outside = mountPath !== undefined && path.relative(mountPath, folder).startsWith('..');
  if (claim !== undefined && outside) throw filesOutside(folder, mountPath);
  return image;
}

function imageMissing(): UserError {
  return new UserError(
    'Pods need an image with Node, and the repository’s files. Set "kubeflow": { "image": ..., "claim": ... } in llmops/jobs.json; "claim" is the volume claim that holds the repository.',
    { offending: 'kubeflow' },
  );
}

function filesOutside(folder: string, mountPath: string): UserError {
  return new UserError(
    `Pods would not see ${folder}: the claim is mounted at ${mountPath}. Set "kubeflow": { "mountPath" } in llmops/jobs.json to the folder of this machine that the claim holds.`,
    { offending: 'kubeflow' },
  );
}

function notSubmitted(server: string, problem: string): UserError {
  return new UserError(
    `Kubernetes at ${server} did not take the job: ${problem}. It needs Kubeflow Trainer 2.2 or newer; see its runtimes with: kubectl get clustertrainingruntimes`,
    { offending: 'kubeflow' },
  );
}
