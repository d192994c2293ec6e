import { randomStream } from '../../engine/random.ts';
import { isUserError } from '../../errors.ts';
import { checkCombinations } from '../check-combinations.ts';
import { type FinetuneOptions, finetuneOptions } from '../config.ts';
import { type Assignment, draw, grid, gridSize, isCountable, nameOf } from './draw.ts';
import { gridEndless, gridTooLarge, randomEndless, trialInvalid, validationMissing } from './errors.ts';
import type { SweepOptions } from './options.ts';
import type { SweepParameter } from './parameters.ts';

/** A training to try. */
export interface PlannedTrial {
  /** From 1, in the order in which trials begin. */
  readonly number: number;
  readonly assignment: Assignment;
  readonly options: FinetuneOptions;
}

/** A grid above this asks for a run_cap: nobody means to train so often. */
const largestGrid = 200;
/** Draws without a new combination before a small space counts as used up. */
const patience = 50;

/** The different trials of a sweep, each a valid training. The same options and seed give the same trials. */
export function planTrials(options: SweepOptions): PlannedTrial[] {
  const {
    method: _,
    metric,
    parameters,
    early_terminate: __,
    run_cap: ___,
    budget: ____,
    parallel: _____,
    ...rest
  } = options;
  const { description: ______, ...shared } = rest;
  const assignments = options.method === 'grid' ? gridAssignments(options) : randomAssignments(options);
  const trials = assignments.map((assignment, i) => {
    const number = i + 1;
    return { number, assignment, options: trialOptions(number, assignment, shared, parameters) };
  });
  const hasValidation = (trial: PlannedTrial) =>
    trial.options.val_set_size > 0 || trial.options.test_datasets !== undefined;
  if (metric.name.startsWith('validation') && !trials.every(hasValidation)) throw validationMissing(metric.name);
  return trials;
}

/** `learning_rate 0.001, lora_r 8` */
export function describeAssignment(assignment: Assignment): string {
  return Object.entries(assignment)
    .map(([name, value]) => `${name} ${formatValue(value)}`)
    .join(', ');
}

export function formatValue(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(4)));
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function gridAssignments({ parameters, run_cap }: SweepOptions): Assignment[] {
  const endless = parameters.find((parameter) => !isCountable(parameter));
  if (endless !== undefined) throw gridEndless(nameOf(endless));
  const size = gridSize(parameters);
  if (run_cap === undefined && size > largestGrid) throw gridTooLarge(size);
  return distinct(grid(parameters)).slice(0, run_cap);
}

function randomAssignments({ parameters, run_cap, seed }: SweepOptions): Assignment[] {
  if (run_cap === undefined) throw randomEndless();
  const random = randomStream(seed, 'sweep');
  let drawn: Assignment[] = [];
  for (let misses = 0; drawn.length < run_cap && misses < patience; ) {
    const next = distinct([...drawn, draw(parameters, random)]);
    misses = next.length === drawn.length ? misses + 1 : 0;
    drawn = next;
  }
  return drawn;
}

function trialOptions(
  number: number,
  assignment: Assignment,
  shared: Record<string, unknown>,
  parameters: readonly SweepParameter[],
): FinetuneOptions {
  const given: Record<string, unknown> = { ...shared };
  for (const parameter of parameters) setAt(given, parameter.path, assignment[nameOf(parameter)]);
  const parsed = finetuneOptions.safeParse(given);
  const described = describeAssignment(assignment);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw trialInvalid(number, described, lines.join('; '));
  }
  try {
    checkCombinations(parsed.data);
  } catch (error) {
    throw isUserError(error) ? trialInvalid(number, described, error.message) : error;
  }
  return parsed.data;
}

/** Sets a nested value; objects on the way are copied, since trials share them. */
function setAt(target: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const inner = { ...(target[key] as Record<string, unknown> | undefined) };
  setAt(inner, rest, value);
  target[key] = inner;
}

function distinct(assignments: readonly Assignment[]): Assignment[] {
  return [...new Map(assignments.map((assignment) => [JSON.stringify(assignment), assignment])).values()];
}
