import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { displaySymbol, type MagicContext, typeSymbol } from '../../context.ts';
import { captureEnvironment } from '../../governance/environment.ts';
import { openStore } from '../../governance/open-store.ts';
import type { RecordStore } from '../../governance/store.ts';
import { type Sweep, unionOf } from '../../handles.ts';
import { canStartTogether, costAfter, formatCost, isElsewhere, type JobPrice, priceOf } from '../../jobs/index.ts';
import { defineVerb } from '../../magic.ts';
import { planFinetune } from '../plan.ts';
import { createRun } from '../run.ts';
import { type Comparison, metricWords, sweepBlock } from './display.ts';
import { costUnknown, noTrialSucceeded, sweepInterrupted } from './errors.ts';
import { rungsOf } from './halving.ts';
import { type SweepOptions, sweepMetrics, sweepOptions } from './options.ts';
import { bestOf } from './pareto.ts';
import { describeAssignment, planTrials } from './plan-trials.ts';
import { type RecordedSweep, recordSweep, type SweepOutcome } from './record.ts';
import { type RunSettings, runTrials } from './run-trials.ts';
import { createTrial, type Trial } from './trial.ts';
import { createSweepView } from './view.ts';

/** `%%finetune sweep`. */
export const sweep = defineVerb({
  summary: 'search for settings: many trainings compared, the bad ones stopped early',
  positionals: [],
  options: sweepOptions,
  body: 'yaml',
  example: `%%finetune sweep --as sweep
base_model: models/schedule-base
datasets: [{ path: \${schedules.train}, prompt: cron }]
adapter: lora
val_set_size: 0.1
method: random
run_cap: 9
metric: { name: validation_loss, goal: minimize }
parameters:
  learning_rate: { min: 1.0e-4, max: 1.0e-2, distribution: log_uniform_values }
  lora_r: { values: [4, 8, 16] }
early_terminate: { type: hyperband, min_iter: 2, eta: 3 }
budget: { seconds: 600 }`,
  run: runSweep,
});

/**
 * Trains the trials and compares them while they run; commits the sweep, a run for each trial and a version of the best
 * model. Trials are ordinary jobs: what was done before is not repeated, and an interrupted sweep goes on where it stopped.
 */
async function runSweep(options: SweepOptions, context: MagicContext): Promise<Sweep> {
  const store = await openStore(context.folder);
  const planned = planTrials(options);
  const trials: Trial[] = [];
  for (const trial of planned) {
    context.signal.throwIfAborted();
    trials.push(createTrial(trial, await planFinetune(trial.options, store, context)));
  }
  const notebook = context.notebook && path.relative(store.folder, context.notebook).split(path.sep).join('/');
  const environment = await captureEnvironment(context.folder, { notebook });
  const { name: metric, goal = sweepMetrics[metric], target } = options.metric;
  const price = await priceOfTrials(options, trials[0]!, store.folder);
  const comparison: Comparison = { metric, goal, price };
  const view = createSweepView(context, trials, comparison, logarithmicOf(options));
  const ended = await runTrials(trials, settingsOf(options, { goal, target, trials, price }), {
    store,
    distFolder: context.distFolder,
    metric,
    fresh: options.fresh,
    group: `sweep-${randomUUID()}`,
    signal: context.signal,
    onChange: view.onChange,
  });

  const best = bestOf(
    trials.filter(({ status }) => status === 'succeeded'),
    goal,
  );
  const isInterrupted = context.signal.aborted;
  const status = isInterrupted ? 'cancelled' : best === undefined ? 'failed' : 'succeeded';
  const name = trials[0]!.plan.name;
  const reason = isInterrupted ? 'interrupted' : ended;
  const outcome: SweepOutcome = {
    name,
    goal,
    options,
    trials,
    environment,
    status,
    reason,
    price,
    best: isInterrupted ? undefined : best,
  };
  const recorded = await recordSweep(store, outcome);
  if (isInterrupted || best === undefined) {
    const error = isInterrupted
      ? sweepInterrupted(trials.filter((trial) => trial.status === 'succeeded').length, trials.length)
      : noTrialSucceeded(trials.flatMap((trial) => trial.reason ?? []));
    await view.finish(sweepBlock(error.message, [recordedAs(recorded)], trials, comparison));
    throw error;
  }
  const handle = await createSweep(store, recorded, trials);
  const notes = [...(ended === undefined ? [] : [`Ended early: ${ended}.`]), recordedAs(recorded)];
  await view.finish(sweepBlock(headlineOf(handle, best, comparison), notes, trials, comparison));
  return handle;
}

interface Plan {
  readonly goal: RunSettings['goal'];
  readonly target?: number;
  readonly trials: readonly Trial[];
  readonly price?: JobPrice;
}

function settingsOf(options: SweepOptions, { goal, target, trials, price }: Plan): RunSettings {
  const { resources } = trials[0]!.plan;
  const together = canStartTogether(resources);
  const { early_terminate, budget, parallel = isElsewhere(resources) ? undefined : 1 } = options;
  const halving = early_terminate && rungsOf(early_terminate, trials.length);
  return { goal, together, parallel, target, halving, budgetSeconds: budgetSeconds(budget, price) };
}

/** What an hour of a trial costs: as the budget says, else by the settings. */
async function priceOfTrials({ budget }: SweepOptions, { plan }: Trial, folder: string): Promise<JobPrice | undefined> {
  const known = await priceOf({ kind: 'finetune', device: plan.device, resources: plan.resources, folder });
  const perHour = typeof budget === 'object' ? budget.cost_per_hour : undefined;
  return perHour === undefined ? known : { currency: '', ...known, perHour };
}

/** A cost is time at a price. */
function budgetSeconds(budget: SweepOptions['budget'], price: JobPrice | undefined): number | undefined {
  if (budget === undefined || typeof budget === 'number') return budget;
  if (budget.seconds !== undefined) return budget.seconds;
  if (price === undefined) throw costUnknown();
  return (budget.cost! / price.perHour) * 3600;
}

function logarithmicOf({ parameters }: SweepOptions): string[] {
  return parameters.flatMap(({ path: at, domain }) =>
    domain.kind === 'range' && domain.distribution.includes('log_') ? [at.join('.')] : [],
  );
}

async function createSweep(
  store: RecordStore,
  { record, best, commit }: RecordedSweep,
  trials: readonly Trial[],
): Promise<Sweep> {
  const handle: Sweep = {
    id: record.id,
    metric: record.metric,
    best: await createRun(store, best!),
    trials: record.trials,
    seconds: record.seconds,
    commit,
  };
  const comparison = { metric: record.metric.name as Comparison['metric'], goal: record.metric.goal };
  const types = [handle.best.metrics, trials[0]!.assignment].map((names) => unionOf(Object.keys(names)));
  return Object.defineProperties(handle, {
    [displaySymbol]: {
      value: () => sweepBlock(`Sweep ${record.id}: best ${handle.best.model.ref}`, [], trials, comparison),
    },
    [typeSymbol]: { value: `import('llmops').Sweep<${types.join(', ')}>` },
  });
}

/** `cron-lora@v1.0.0: best of 9 trials by validation loss, 0.021 with learning_rate 0.003, lora_r 8; 41 s; committed 4f2a9c1` */
function headlineOf({ best, commit, seconds, trials }: Sweep, trial: Trial, { metric, price }: Comparison): string {
  const value = trial.value!.toPrecision(3);
  const cost = price === undefined ? '' : ` for ${formatCost(costAfter(price, seconds))}`;
  return `${best.model.ref}: best of ${trials.length} trials by ${metricWords(metric)}, ${value} with ${describeAssignment(trial.assignment)}; ${Math.round(seconds)} s${cost}; committed ${commit.slice(0, 7)}`;
}

function recordedAs({ record, commit }: RecordedSweep): string {
  return `Recorded as llmops/sweeps/${record.id}.json; committed ${commit.slice(0, 7)}.`;
}
