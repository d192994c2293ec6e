import { describe, expect, it } from 'vitest';
import { trainingConfig } from '../../../magics/finetune/config.ts';
import { learningRate, planSteps, type Schedule } from '../../../magics/finetune/schedule.ts';

const schedule: Schedule = { scheduler: 'cosine', peak: 3e-3, steps: 110, warmupSteps: 10, minRatio: 0.1 };

describe('learningRate', () => {
  it('rises linearly to the peak during warm-up', () => {
    for (const step of [0, 4, 9]) expect(learningRate(step, schedule)).toBeCloseTo(3e-4 * (step + 1), 12);
  });

  it('follows the cosine from the peak to its floor', () => {
    expect(learningRate(10, schedule)).toBeCloseTo(3e-3, 12);
    expect(learningRate(60, schedule)).toBeCloseTo(3e-3 * (0.1 + 0.9 * 0.5), 12);
    expect(learningRate(35, schedule)).toBeCloseTo(3e-3 * (0.1 + (0.9 * (1 + Math.SQRT1_2)) / 2), 12);
    expect(learningRate(110, schedule)).toBeCloseTo(3e-4, 12);
  });

  it('falls linearly to zero, or stays', () => {
    expect(learningRate(60, { ...schedule, scheduler: 'linear' })).toBeCloseTo(1.5e-3, 12);
    expect(learningRate(110, { ...schedule, scheduler: 'linear' })).toBe(0);
    expect(learningRate(99, { ...schedule, scheduler: 'constant' })).toBe(3e-3);
  });

  it('starts at the peak without warm-up', () => {
    expect(learningRate(0, { ...schedule, warmupSteps: 0 })).toBe(3e-3);
  });
});

describe('planSteps', () => {
  const plan = (config: object, batches = 100, hasValidation = true) =>
    planSteps(trainingConfig.parse(config), batches, hasValidation);

  it('turns epochs, accumulation and ratios into steps', () => {
    expect(plan({ num_epochs: 3 }).steps).toBe(300);
    expect(plan({ num_epochs: 3, gradient_accumulation_steps: 4 }).steps).toBe(75);
    expect(plan({ num_epochs: 0.5 }).schedule).toMatchObject({ steps: 50, warmupSteps: 3 });
    expect(plan({ max_steps: 40, warmup_ratio: 0.25 }).schedule).toMatchObject({ steps: 40, warmupSteps: 10 });
    expect(plan({ max_steps: 40, warmup_steps: 99 }).schedule.warmupSteps).toBe(40);
  });

  it('evaluates about ten times and always at the end, never without validation rows', () => {
    const { evaluatesAt } = plan({ max_steps: 95 });
    expect(range(95).filter(evaluatesAt)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 95]);
    expect(range(95).filter(plan({ max_steps: 95 }, 100, false).evaluatesAt)).toEqual([]);
  });

  it('saves at the asked steps but not at the last, whose model is saved anyway', () => {
    expect(range(100).filter(plan({ max_steps: 100, save_steps: 25 }).savesAt)).toEqual([25, 50, 75]);
  });

  it('keeps the best weights with early stopping, unless told otherwise', () => {
    expect(plan({ early_stopping_patience: 2 }).keepsBest).toBe(true);
    expect(plan({ early_stopping_patience: 2, load_best_model_at_end: false }).keepsBest).toBe(false);
    expect(plan({}).keepsBest).toBe(false);
  });
});

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}
