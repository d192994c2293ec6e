import { Interrupted, UserError } from '../../errors.ts';

export function gridEndless(name: string): UserError {
  return new UserError(
    `A grid cannot go through "${name}", which has no steps. Give its values, a distribution of int_uniform or q_uniform, or "method: random".`,
    { offending: name },
  );
}

export function gridTooLarge(size: number): UserError {
  return new UserError(
    `The grid has ${size} trials. Say with run_cap how many of them to run, or draw them with "method: random".`,
    { offending: 'grid' },
  );
}

export function randomEndless(): UserError {
  return new UserError('Random trials never end by themselves. Say how many with run_cap, for example run_cap: 20.', {
    offending: 'random',
  });
}

export function trialInvalid(number: number, parameters: string, problem: string): UserError {
  return new UserError(`Trial ${number} (${parameters}) is no valid training: ${problem}`);
}

export function validationMissing(metric: string): UserError {
  return new UserError(
    `The sweep compares trials by ${metric}, but nothing is held out. Add "val_set_size: 0.1" or "test_datasets".`,
    { offending: metric },
  );
}

export function costUnknown(): UserError {
  return new UserError(
    'It is not known what an hour costs here. Name the prices in llmops/jobs.json, for example { "prices": { "currency": "EUR", "local": { "coreHour": 0.05 } } }, or say it in the budget: { cost, cost_per_hour }.',
    { offending: 'cost' },
  );
}

export function noTrialSucceeded(reasons: readonly string[]): UserError {
  const [first = 'none ran to its end'] = reasons;
  return new UserError(`No trial of the sweep succeeded. The first reason: ${first}`);
}

export function sweepInterrupted(done: number, total: number): Interrupted {
  return new Interrupted(
    `The sweep was stopped after ${done} of ${total} trials. Run the cell again to go on: finished trials are not repeated, stopped ones continue from their checkpoints.`,
  );
}
