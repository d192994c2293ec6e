import type { Halving } from './halving.ts';
import { survivors } from './halving.ts';
import { followTrial, isThere, startTrials, type Trial, type TrialPlace, valueAt } from './trial.ts';

export interface RunSettings {
  readonly goal: 'minimize' | 'maximize';
  /** Trials at the same time; all without. */
  readonly parallel?: number;
  /** Whether trials start together, as one request of a cluster, which then holds to `parallel`. */
  readonly together: boolean;
  readonly halving?: Halving;
  /** Seconds of all trials together. */
  readonly budgetSeconds?: number;
  /** A value at which no new trial begins. */
  readonly target?: number;
}

/**
 * Runs the trials, a few at a time. With halving all of them go to the first rung, the best go on to the next, and so on;
 * those that are left run to their end. Resolves to why it ended before all was done, if it did.
 */
export async function runTrials(
  trials: readonly Trial[],
  settings: RunSettings,
  place: Omit<TrialPlace, 'noneBegins'>,
): Promise<string | undefined> {
  const [stop, noMore] = [new AbortController(), new AbortController()];
  let ended: string | undefined;
  const end = (reason: string, controller: AbortController) => {
    ended ??= reason;
    controller.abort();
  };
  const guarded: TrialPlace = {
    ...place,
    signal: AbortSignal.any([place.signal, stop.signal]),
    noneBegins: noMore.signal,
    onChange() {
      const spent = trials.reduce((sum, { seconds }) => sum + seconds, 0);
      if (spent >= (settings.budgetSeconds ?? Number.POSITIVE_INFINITY)) end('the budget is used up', stop);
      const isReached = trials.some((trial) => reaches(trial, settings));
      if (isReached && trials.some(({ hasBegun }) => !hasBegun)) end('the target is reached', noMore);
      place.onChange();
    },
  };
  const { rungs, eta } = settings.halving ?? { rungs: [], eta: 1 };
  let going = trials;
  for (const until of [...rungs, undefined]) {
    await runRung(going, until, settings, guarded);
    if (guarded.signal.aborted) break;
    if (until !== undefined) going = halve(going, until, { eta, goal: settings.goal }, place);
  }
  for (const trial of trials) settle(trial, ended);
  return ended;
}

/** Brings trials to one point: all at once where a cluster has their queue, else a few at a time. */
async function runRung(
  trials: readonly Trial[],
  until: number | undefined,
  { together, parallel = trials.length }: RunSettings,
  place: TrialPlace,
): Promise<void> {
  const due: Trial[] = [];
  for (const trial of trials) if (!(await isThere(trial, until, place))) due.push(trial);
  const batches = together && due.length > 0 ? [due] : due.map((trial) => [trial]);
  await inParallel(batches, together ? 1 : parallel, async (batch) => {
    const isOver = place.signal.aborted || (place.noneBegins.aborted && batch.some(({ hasBegun }) => !hasBegun));
    if (isOver) return;
    await startTrials(batch, place, parallel);
    await Promise.all(batch.map((trial) => followTrial(trial, until, place)));
  });
}

/** Stops the trials that are not among the best after so many evaluations. */
function halve(
  trials: readonly Trial[],
  until: number,
  { eta, goal }: { eta: number; goal: RunSettings['goal'] },
  { metric, onChange }: Pick<TrialPlace, 'metric' | 'onChange'>,
): Trial[] {
  const compared = trials.map((trial) => {
    const hasValue = trial.status === 'paused' || trial.status === 'succeeded';
    return { trial, value: hasValue ? valueAt(trial, until, metric) : null };
  });
  const kept = new Set(survivors(compared, eta, goal).map(({ trial }) => trial));
  for (const { trial } of compared) {
    if (kept.has(trial) || trial.status !== 'paused') continue;
    trial.status = 'stopped';
    trial.reason = `not among the best ${kept.size} of ${trials.length} after ${until} evaluations`;
  }
  onChange();
  return [...kept].filter(({ status }) => status === 'paused');
}

function reaches({ status, value }: Trial, { target, goal }: RunSettings): boolean {
  if (target === undefined || status !== 'succeeded' || value === null) return false;
  return goal === 'minimize' ? value <= target : value >= target;
}

/** What a trial is when the sweep is over. */
function settle(trial: Trial, ended: string | undefined): void {
  if (trial.status === 'waiting') trial.status = 'skipped';
  if (trial.status === 'paused' || trial.status === 'running') trial.status = 'cancelled';
  if (trial.status === 'cancelled' && ended !== undefined) trial.status = 'stopped';
  if (trial.status === 'stopped' || trial.status === 'skipped') trial.reason ??= ended;
}

async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
