import path from 'node:path';
import { z } from 'zod';
import type { MagicContext } from '../context.ts';
import type { UserError } from '../errors.ts';
import { captureEnvironment } from '../governance/environment.ts';
import { openStore } from '../governance/open-store.ts';
import type { Environment } from '../governance/record-parts.ts';
import type { RecordStore } from '../governance/store.ts';
import type { Run } from '../handles.ts';
import { type FinishedEvent, type Job, type JobRequest, openJob, submitJob } from '../jobs/index.ts';
import { defineVerb, type Magic } from '../magic.ts';
import { type FinetuneOptions, finetuneOptions } from './config.ts';
import { notAttachable } from './errors.ts';
import { finetunePayload, finetuneRecord, finetuneResult } from './payload.ts';
import { type FinetunePlan, planFinetune } from './plan.ts';
import { findRecorded, type Outcome, recordModel, recordUnfinished } from './record.ts';
import {
  earlierBundle,
  outcomeBundle,
  reasonOf,
  trainingCancelled,
  trainingFailed,
  unfinishedBundle,
} from './report.ts';
import { createRun } from './run.ts';
import { sweep } from './sweep/index.ts';
import { createView, type View } from './view.ts';

const run = defineVerb({
  summary: 'train a model on data: a LoRA adapter, all weights, or a new model from scratch',
  positionals: [],
  options: finetuneOptions,
  startsJob: true,
  body: 'yaml',
  example: `%%finetune --as run
base_model: models/schedule-base
datasets: [{ path: \${schedules.train}, prompt: cron }]
adapter: lora
lora_r: 16
num_epochs: 3
learning_rate: 3.0e-3`,
  run: finetuneModel,
});

const attachOptions = z.strictObject({
  job: z.string().describe('id of the training, as `llmops jobs` lists it'),
  as: z.string().optional().describe('variable that holds the run'),
});

const attach = defineVerb({
  summary: 'go on with a training whose kernel is gone: its chart, its record and its run; nothing is started',
  positionals: ['job'],
  options: attachOptions,
  example: '%finetune attach finetune-20260303101500-1f0c2a9b --as run',
  run: attachToJob,
});

/** `%finetune` and `%%finetune`: trains in a detached job; the run, its model version and model card are committed. */
export const finetune: Magic = {
  name: 'finetune',
  summary: 'Fine-tune a language model, or train a small one from scratch.',
  verbs: { run, sweep, attach },
  defaultVerb: 'run',
};

/**
 * Submits the job, shows it while it runs, and commits what came of it. The same work done before answers at once; one
 * that was stopped continues from its checkpoint. Interrupting cancels the job, records that and throws Interrupted.
 */
async function finetuneModel(options: FinetuneOptions, context: MagicContext): Promise<Run> {
  const store = await openStore(context.folder);
  const plan = await planFinetune(options, store, context);
  const environment = await captureEnvironment(context.folder, { notebook: notebookPath(store.folder, context) });
  const { name, key, payload, device, resources, inputs, prompt } = plan;
  const record = JSON.parse(JSON.stringify({ name, inputs, prompt, environment })) as JobRequest['record'];
  const job = await submitJob(
    { kind: 'finetune', title: `fine-tune ${name}`, key, payload, device, resources, record },
    { folder: store.folder, distFolder: context.distFolder },
    { fresh: options.fresh },
  );
  return endTraining(store, { plan, job, environment }, context);
}

/** Follows the training of an earlier cell, whose kernel may be gone, to the end that its cell would have come to. */
async function attachToJob({ job: id }: z.output<typeof attachOptions>, context: MagicContext): Promise<Run> {
  const store = await openStore(context.folder);
  const job = await openJob(store.folder, id);
  const known = finetuneRecord.safeParse(job.spec.record);
  if (job.spec.kind !== 'finetune' || !known.success) throw notAttachable(id, job.spec.title);
  const { environment, ...described } = known.data;
  const { key, device, resources = {} } = job.spec;
  const payload = finetunePayload.parse(job.spec.payload);
  const plan: FinetunePlan = { ...described, key, payload, resources, device: device as FinetunePlan['device'] };
  return endTraining(store, { plan, job: { ...job, reused: true }, environment }, context);
}

interface Training {
  readonly plan: FinetunePlan;
  readonly job: Job;
  readonly environment: Environment;
}

/** Shows the job until it ends and commits what came of it; a run that was committed before is shown at once. */
async function endTraining(store: RecordStore, training: Training, context: MagicContext): Promise<Run> {
  const { plan, job, environment } = training;
  const earlier = job.reused ? await findRecorded(store, job.id, plan.name) : undefined;
  if (earlier !== undefined) {
    const known = await createRun(store, earlier);
    context.display(earlierBundle(known));
    return known;
  }
  const view = createView(context, job);
  const finished = await followOrCancel(job, view, context.signal);
  const [curve, seconds, cost] = [view.curve, view.elapsedMs() / 1000, await job.cost()];
  const { energyJoules } = finished;
  const outcome: Outcome = { plan, job: job.id, environment, curve, seconds, cost, energyJoules };
  if (finished.status !== 'succeeded') throw await reportUnfinished(store, outcome, finished, job, view);
  const result = finetuneResult.parse(finished.result);
  const recorded = await recordModel(store, outcome, result);
  const made = await createRun(store, recorded);
  await view.finish(await outcomeBundle(made, { plan, result, recorded }, view));
  return made;
}

/** Records and shows a run that failed or was cancelled; gives the error for the cell. */
async function reportUnfinished(
  store: RecordStore,
  outcome: Outcome,
  finished: FinishedEvent,
  job: Job,
  view: View,
): Promise<UserError> {
  const { name } = outcome.plan;
  const isCancelled = finished.status === 'cancelled';
  const recorded = await recordUnfinished(store, outcome, isCancelled ? 'cancelled' : 'failed', reasonOf(finished));
  const error = isCancelled
    ? trainingCancelled(name, view.curve)
    : trainingFailed(name, finished, view.curve.progress?.step ?? 0, job.folder);
  await view.finish(unfinishedBundle(error.message, recorded, view), isCancelled ? undefined : error.message);
  return error;
}

/** Follows the job to its end. When the cell is interrupted, cancels the job and waits until its worker is gone. */
async function followOrCancel(job: Job, view: View, signal: AbortSignal): Promise<FinishedEvent> {
  try {
    return await job.follow(view.onEvent, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    await job.cancel();
    return job.follow();
  }
}

function notebookPath(repository: string, { notebook }: MagicContext): string | undefined {
  return notebook && path.relative(repository, notebook).split(path.sep).join('/');
}
