import { beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../../../magics/engine/random.ts';
import { draw } from '../../../../magics/finetune/sweep/draw.ts';
import { type SweepOptions, sweepOptions } from '../../../../magics/finetune/sweep/options.ts';
import { parametersSchema } from '../../../../magics/finetune/sweep/parameters.ts';
import { planTrials } from '../../../../magics/finetune/sweep/plan-trials.ts';
import { tinyOptions } from '../training-fixture.ts';

let base: Record<string, unknown>;
beforeAll(async () => {
  base = await tinyOptions();
});

const options = (changes: Record<string, unknown>): SweepOptions => sweepOptions.parse({ ...base, ...changes });
const problemOf = (changes: Record<string, unknown>): string => {
  const { error } = sweepOptions.safeParse({ ...base, ...changes });
  return error?.issues.map(({ message }) => message).join('; ') ?? 'no problem';
};

describe('planTrials', () => {
  it('goes through a grid in order, nested parameters included, each trial a whole training', () => {
    const parameters = {
      learning_rate: { values: [0.1, 0.01] },
      base_model: { parameters: { hidden_size: { values: [16, 32] } } },
      max_steps: { value: 7 },
      micro_batch_size: { distribution: 'q_uniform', min: 4, max: 8, q: 4 },
    };
    const trials = planTrials(options({ method: 'grid', parameters }));
    expect(trials).toHaveLength(8);
    expect(trials[1]!.assignment).toEqual({
      learning_rate: 0.1,
      'base_model.hidden_size': 16,
      max_steps: 7,
      micro_batch_size: 8,
    });
    expect(trials[7]!.options).toMatchObject({ learning_rate: 0.01, max_steps: 7, base_model: { hidden_size: 32 } });
    expect(trials[0]!.options).toMatchObject({ base_model: { hidden_size: 16, num_hidden_layers: 1 } });
    expect(planTrials(options({ method: 'grid', parameters, run_cap: 3 }))).toEqual(trials.slice(0, 3));
  });

  it('draws different trials, the same for the same seed, and fewer where a space has no more', () => {
    const parameters = { learning_rate: { min: 1e-4, max: 1e-2, distribution: 'log_uniform_values' } };
    const drawn = (seed: number) =>
      planTrials(options({ method: 'random', run_cap: 5, parameters, seed })).map(({ assignment }) => assignment);
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1)).not.toEqual(drawn(2));
    const small = { lora_r: { values: [4, 8, 8] } };
    expect(planTrials(options({ method: 'random', run_cap: 5, parameters: small }))).toHaveLength(2);
  });

  it('says what makes no sweep', () => {
    const range = { learning_rate: { min: 1e-4, max: 1e-2 } };
    expect(() => planTrials(options({ method: 'grid', parameters: range }))).toThrow(
      /"learning_rate", which has no steps/,
    );
    expect(() => planTrials(options({ method: 'random', parameters: range }))).toThrow(/Say how many with run_cap/);
    const many = { seed: { min: 1, max: 1000 } };
    expect(() => planTrials(options({ method: 'grid', parameters: many }))).toThrow(/The grid has 1000 trials/);
    const wrong = { learning_rate: { values: [0.1, -1] } };
    expect(() => planTrials(options({ method: 'grid', parameters: wrong }))).toThrow(
      /^Trial 2 \(learning_rate -1\) is no valid training: learning_rate: /,
    );
    const clash = { num_epochs: { values: [1, 2] } };
    expect(() => planTrials(options({ method: 'grid', parameters: clash }))).toThrow(
      /Trial 1 .*"num_epochs" and "max_steps"/,
    );
    const blind = { method: 'grid', parameters: { lora_r: { values: [1, 2] } }, val_set_size: 0 };
    expect(() => planTrials(options(blind))).toThrow(/nothing is held out\. Add "val_set_size/);
  });
});

describe('sweepOptions', () => {
  it('refuses unknown keys, naming the nearest or the valid ones', () => {
    const grid = { method: 'grid', parameters: { lora_r: { values: [1] } } };
    expect(problemOf({ ...grid, parameters: { learning_rat: { values: [1] } } })).toMatch(
      /Did you mean "learning_rate"\?/,
    );
    expect(problemOf({ ...grid, parameters: { lora_r: { vales: [1] } } })).toMatch(
      /no key "vales"\. Did you mean "values"/,
    );
    expect(problemOf({ ...grid, metric: { goals: 'minimize' } })).toMatch(
      /metric has no key "goals"\. Did you mean "goal"/,
    );
    expect(problemOf({ ...grid, early_terminate: { min_iter: 1, itr: 2 } })).toMatch(
      /early_terminate has no key "itr"/,
    );
    expect(problemOf({ ...grid, budget: { hours: 1 } })).toMatch(/budget has no key "hours"/);
  });

  it('refuses what cannot be, with the reason', () => {
    const grid = { method: 'grid', parameters: { lora_r: { values: [1] } } };
    expect(problemOf({ ...grid, method: 'bayes' })).toMatch(/bayes is not offered: .* Use random\./);
    expect(problemOf({ ...grid, early_terminate: { eta: 3 } })).toMatch(/needs min_iter or max_iter/);
    expect(problemOf({ ...grid, parameters: { lora_r: { min: 3, max: 2 } } })).toBe('min (3) must be below max (2)');
    expect(
      problemOf({ ...grid, parameters: { lora_r: { min: 0, max: 2, distribution: 'log_uniform_values' } } }),
    ).toMatch(/needs a min above 0/);
    expect(problemOf({ ...grid, parameters: {} })).toBe('name at least one parameter');
  });
});

describe('draw', () => {
  const sample = (constraint: object, count = 4000): number[] => {
    const parameters = parametersSchema(['x']).parse({ x: constraint });
    const random = randomStream('draw', 1);
    return Array.from({ length: count }, () => draw(parameters, random).x as number);
  };
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

  it('follows the distributions', () => {
    const uniform = sample({ min: 2.5, max: 4.5 });
    expect(mean(uniform)).toBeCloseTo(3.5, 1);
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(2.5);
    const whole = sample({ min: 1, max: 3 });
    expect([...new Set(whole)].sort()).toEqual([1, 2, 3]);
    const logs = sample({ min: 1e-4, max: 1, distribution: 'log_uniform_values' }).map(Math.log10);
    expect(mean(logs)).toBeCloseTo(-2, 1);
    const exponents = sample({ min: -2, max: 0, distribution: 'log_uniform' }).map(Math.log);
    expect(mean(exponents)).toBeCloseTo(-1, 1);
    const steps = sample({ min: 0, max: 1, q: 0.1, distribution: 'q_uniform' });
    expect(new Set(steps).size).toBe(11);
    expect(steps).toContain(0.3);
    const normal = sample({ mu: 5, sigma: 2, distribution: 'normal' });
    expect(mean(normal)).toBeCloseTo(5, 0);
    expect(Math.sqrt(mean(normal.map((value) => (value - 5) ** 2)))).toBeCloseTo(2, 0);
    const weighted = sample({ values: [1, 2], probabilities: [0.9, 0.1] });
    expect(mean(weighted)).toBeCloseTo(1.1, 1);
  });
});
