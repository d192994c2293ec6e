import type { Environment } from '../../governance/record-parts.ts';
import type { RunRecord, SweepRecord } from '../../governance/records.ts';
import type { RecordStore } from '../../governance/store.ts';
import { costAfter, type JobPrice } from '../../jobs/index.ts';
import { contentKey } from '../../jobs/key.ts';
import { describeRun, findRecorded, type Outcome, type Recorded, recordModel } from '../record.ts';
import type { SweepOptions } from './options.ts';
import { paretoFront } from './pareto.ts';
import type { Trial } from './trial.ts';

/** What is recorded of a sweep when it ends. */
export interface SweepOutcome {
  readonly name: string;
  readonly goal: 'minimize' | 'maximize';
  readonly options: SweepOptions;
  readonly trials: readonly Trial[];
  readonly best?: Trial;
  readonly environment: Environment;
  readonly status: SweepRecord['status'];
  readonly reason?: string;
  /** Of each trial. */
  readonly price?: JobPrice;
}

/** A sweep's record, with the run that made the best model. */
export interface RecordedSweep {
  readonly record: SweepRecord;
  readonly best?: Recorded;
  readonly commit: string;
}

/**
 * Gives the best trial's model a version, then commits the sweep with the runs of its other trials. The same sweep again
 * replaces its record; runs that are recorded already stay as they are.
 */
export async function recordSweep(store: RecordStore, outcome: SweepOutcome): Promise<RecordedSweep> {
  const { best } = outcome;
  const recorded = best && (await recordBest(store, best, outcome));
  const known = new Map((await store.list('run')).map((run) => [run.job, run]));
  const runs = new Map<Trial, RunRecord>();
  const fresh: RunRecord[] = [];
  for (const trial of outcome.trials) {
    if (trial.job === undefined) continue;
    const run = await describeRun(store, outcomeOf(trial, outcome.environment), endOf(trial));
    const earlier = known.get(trial.job.id);
    runs.set(trial, earlier ?? run);
    if (earlier === undefined || earlier.status !== run.status) fresh.push(run);
  }
  const record = describeSweep(outcome, runs, recorded);
  const message = `Sweep ${record.id}: ${outcome.trials.length} trials, ${outcome.status}`;
  const { commit } = await store.commit({ records: [record, ...fresh], message });
  return { record, best: recorded, commit };
}

/** The sweep's id: the same trials compared in the same way have the same. */
export function sweepId(
  name: string,
  trials: readonly Trial[],
  { method, metric, early_terminate }: SweepOptions,
): string {
  const key = contentKey({ trials: trials.map(({ plan }) => plan.key), method, metric, early_terminate });
  return `${name}-sweep-${key.slice('sha256:'.length, 'sha256:'.length + 10)}`;
}

async function recordBest(store: RecordStore, best: Trial, { environment }: SweepOutcome): Promise<Recorded> {
  const earlier = await findRecorded(store, best.job!.id, best.plan.name);
  return earlier ?? recordModel(store, outcomeOf(best, environment), best.result!);
}

function describeSweep(
  { name, goal, options, trials, environment, status, reason, price }: SweepOutcome,
  runs: ReadonlyMap<Trial, RunRecord>,
  best: Recorded | undefined,
): SweepRecord {
  const { method, metric, early_terminate, run_cap, budget, parallel, seed, description } = options;
  const front = new Set(paretoFront(trials, goal));
  const json = (value: unknown) => JSON.parse(JSON.stringify(value)) as SweepRecord['parameters'];
  return {
    schemaVersion: 1,
    kind: 'sweep',
    createdAt: new Date().toISOString(),
    id: sweepId(name, trials, options),
    name,
    description,
    status,
    reason,
    method,
    metric: { name: metric.name, goal },
    parameters: json(options.parameters),
    config: json({ early_terminate, run_cap, budget, parallel, seed }) as SweepRecord['config'],
    trials: trials.map((trial) => ({
      parameters: json(trial.assignment) as SweepRecord['config'],
      status: trial.status as SweepRecord['trials'][number]['status'],
      reason: trial.reason,
      value: trial.value,
      evaluations: trial.evaluations,
      seconds: trial.seconds,
      run: runs.get(trial)?.id,
      isOnFront: front.has(trial),
    })),
    best: best?.run.id,
    model: best?.run.model,
    inputs: [...trials[0]!.plan.inputs],
    seconds: secondsOf(trials),
    cost: price && costAfter(price, secondsOf(trials)),
    environment,
  };
}

function secondsOf(trials: readonly Trial[]): number {
  return trials.reduce((sum, { seconds }) => sum + seconds, 0);
}

function outcomeOf({ plan, job, curve, seconds }: Trial, environment: Environment): Outcome {
  const { id, spec } = job!;
  return { plan, job: id, environment, curve, seconds, cost: spec.price && costAfter(spec.price, seconds) };
}

function endOf({ status, reason, result }: Trial): {
  status: RunRecord['status'];
  reason?: string;
  result?: Trial['result'];
} {
  if (status === 'succeeded' || status === 'failed') return { status, reason, result };
  return { status: 'cancelled', reason: reason ?? 'interrupted' };
}
