import type { RecordStore } from '../../governance/store.ts';
import type { SweepTrial } from '../../handles.ts';
import { type Job, listJobs, submitJobs } from '../../jobs/index.ts';
import type { JobEvent } from '../../jobs/protocol.ts';
import type { Curve } from '../curve.ts';
import { createCurve } from '../curve.ts';
import { type FinetuneResult, finetuneResult } from '../payload.ts';
import type { FinetunePlan } from '../plan.ts';
import { reasonOf } from '../report.ts';
import type { MetricName } from './options.ts';
import type { PlannedTrial } from './plan-trials.ts';

/** A trial while the sweep runs. */
export interface Trial extends PlannedTrial {
  readonly plan: FinetunePlan;
  status: SweepTrial['status'] | 'waiting' | 'running' | 'paused';
  reason?: string;
  job?: Job;
  curve: Curve;
  /** Where a running training stands. */
  progress?: Extract<JobEvent, { type: 'progress' }>;
  result?: FinetuneResult;
  /** Newest value of the metric. */
  value: number | null;
  evaluations: number;
  /** Time that its workers have run, all attempts together. */
  seconds: number;
  /** Whether a worker has begun with it; before, it waits for its turn. */
  hasBegun: boolean;
}

/** What running a trial needs to know. */
export interface TrialPlace {
  readonly store: RecordStore;
  readonly distFolder: string;
  readonly metric: MetricName;
  readonly fresh: boolean;
  /** Trials that may run at the same time share one slot of this machine. */
  readonly group: string;
  readonly signal: AbortSignal;
  /** Aborted when no trial is to begin any more; those that have begun go on. */
  readonly noneBegins: AbortSignal;
  onChange(): void;
}

export function createTrial(planned: PlannedTrial, plan: FinetunePlan): Trial {
  const { curve } = createCurve();
  return { ...planned, plan, status: 'waiting', curve, value: null, evaluations: 0, seconds: 0, hasBegun: false };
}

/**
 * Starts workers for trials, together where the executor can (a Slurm array). They are ordinary jobs with their own keys:
 * finished work is not repeated, and paused work goes on where it stopped.
 */
export async function startTrials(trials: readonly Trial[], place: TrialPlace, parallel?: number): Promise<void> {
  const requests = trials.map(({ number, plan: { name, key, payload, device, resources } }) => {
    const title = `fine-tune ${name}, trial ${number}`;
    return { kind: 'finetune' as const, title, key, payload, device, resources, group: place.group };
  });
  const fresh = place.fresh && trials.every(({ job }) => job === undefined);
  const where = { folder: place.store.folder, distFolder: place.distFolder };
  const jobs = await submitJobs(requests, where, { fresh, parallel });
  for (const [i, trial] of trials.entries()) {
    trial.job = jobs[i];
    trial.status = 'running';
  }
}

/** Follows a started trial until its metric was evaluated so often (to its end without `until`), then pauses it at a checkpoint. */
export async function followTrial(trial: Trial, until: number | undefined, place: TrialPlace): Promise<void> {
  const job = trial.job!;
  const watch = watchTrial(trial, place.metric);
  let pausing: Promise<void> | undefined;
  const onEvent = (event: JobEvent) => {
    watch(event);
    if (until !== undefined && event.type === 'metric' && trial.evaluations >= until) pausing ??= job.cancel();
    place.onChange();
  };
  const signal = AbortSignal.any([place.signal, whileWaiting(trial, place.noneBegins)]);
  const finished = await job.follow(onEvent, { signal }).catch(async (error: unknown) => {
    if (!signal.aborted) throw error;
    await job.cancel();
    return job.follow();
  });
  await pausing;
  trial.progress = undefined;
  if (finished.status === 'succeeded') {
    trial.result = finetuneResult.parse(finished.result);
    trial.value = finalValue(trial.result, place.metric) ?? trial.value;
    trial.status = 'succeeded';
  } else if (finished.status === 'failed') {
    trial.status = 'failed';
    trial.reason = reasonOf(finished);
  } else if (pausing === undefined) {
    trial.status = trial.hasBegun ? 'cancelled' : 'skipped';
  } else {
    trial.status = 'paused';
  }
  place.onChange();
}

/** Aborted when `noneBegins` is before the trial has begun. */
function whileWaiting(trial: Trial, noneBegins: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    if (!trial.hasBegun) controller.abort();
  };
  if (noneBegins.aborted) stop();
  noneBegins.addEventListener('abort', stop, { once: true });
  return controller.signal;
}

/** The metric after so many evaluations; the newest where there were fewer. */
export function valueAt(trial: Trial, evaluations: number, metric: MetricName): number | null {
  return valuesOf(trial.curve, metric)[evaluations - 1] ?? trial.value;
}

/** Whether an earlier sweep has brought the trial to this point already: then no worker is started for it. */
export async function isThere(trial: Trial, until: number | undefined, place: TrialPlace): Promise<boolean> {
  if (until === undefined) return false;
  if (trial.status === 'paused') return trial.evaluations >= until;
  if (trial.job !== undefined || place.fresh) return false;
  const jobs = await listJobs(place.store.folder);
  const job = jobs.find(({ spec }) => spec.key === trial.plan.key);
  if (job === undefined || (await job.status()) !== 'cancelled') return false;
  const watch = watchTrial(trial, place.metric);
  for (const event of await job.events()) watch(event);
  if (trial.evaluations < until) return false;
  trial.job = job;
  trial.status = 'paused';
  place.onChange();
  return true;
}

/** Follows events into the trial's curve, newest value and time. */
function watchTrial(trial: Trial, metric: MetricName): (event: JobEvent) => void {
  const collected = createCurve();
  let [earlierMs, startedAt, lastAt] = [0, 0, 0];
  return (event) => {
    collected.add(event);
    const time = Date.parse(event.time);
    if (event.type === 'started') trial.hasBegun = true;
    if (event.type === 'started') [earlierMs, startedAt] = [earlierMs + lastAt - startedAt, time];
    lastAt = time;
    trial.seconds = (earlierMs + lastAt - startedAt) / 1000;
    trial.curve = collected.curve;
    trial.progress = collected.curve.progress;
    const values = valuesOf(trial.curve, metric);
    trial.evaluations = values.length;
    trial.value = values.at(-1) ?? null;
  };
}

function valuesOf({ series }: Curve, metric: MetricName): number[] {
  return [...(series.get(metric) ?? [])].sort(([a], [b]) => a - b).map(([, value]) => value);
}

/** What the model that came out has: with load_best_model_at_end not the last value. */
function finalValue(result: FinetuneResult, metric: MetricName): number | undefined {
  if (metric === 'train_loss') return result.trainLoss;
  return metric === 'validation_loss' ? result.validationLoss : result.validationExactMatch;
}
