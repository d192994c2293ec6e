import type { TrainingConfig } from './config.ts';

export interface Schedule {
  scheduler: 'cosine' | 'linear' | 'constant';
  /** Learning rate after warm-up. */
  peak: number;
  /** Optimizer steps in all. */
  steps: number;
  warmupSteps: number;
  /** The cosine ends at this share of the peak. */
  minRatio: number;
}

/** When things happen, counted in optimizer steps, never in seconds. */
export interface StepPlan {
  readonly steps: number;
  readonly schedule: Schedule;
  /** Whether to validate after so many steps. */
  evaluatesAt(step: number): boolean;
  savesAt(step: number): boolean;
  /** Whether the weights of the lowest validation loss are kept. */
  readonly keepsBest: boolean;
}

/**
 * Learning rate of an optimizer step, counted from 0: linear warm-up, then the schedule over the steps that remain.
 * cosine: min + (1 - min) * (1 + cos(pi * p)) / 2; linear: 1 - p; p = (step - warmup) / (steps - warmup).
 */
export function learningRate(step: number, { scheduler, peak, steps, warmupSteps, minRatio }: Schedule): number {
  if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, steps - warmupSteps));
  switch (scheduler) {
    case 'constant':
      return peak;
    case 'linear':
      return peak * (1 - progress);
    case 'cosine':
      return peak * (minRatio + ((1 - minRatio) * (1 + Math.cos(Math.PI * progress))) / 2);
  }
}

/** Turns epochs and ratios into steps. `batchesPerEpoch` counts batches before accumulation. */
export function planSteps(config: TrainingConfig, batchesPerEpoch: number, hasValidation: boolean): StepPlan {
  const perEpoch = batchesPerEpoch / config.gradient_accumulation_steps;
  const steps = config.max_steps ?? Math.max(1, Math.round((config.num_epochs ?? 1) * perEpoch));
  const warmupSteps = config.warmup_steps ?? Math.round((config.warmup_ratio ?? 0.05) * steps);
  const evalSteps = config.eval_steps ?? Math.max(1, Math.ceil(steps / 10));
  const saveSteps = config.save_steps ?? Math.max(20, Math.ceil(steps / 5));
  return {
    steps,
    schedule: {
      scheduler: config.lr_scheduler,
      peak: config.learning_rate,
      steps,
      warmupSteps: Math.min(warmupSteps, steps),
      minRatio: config.cosine_min_lr_ratio,
    },
    evaluatesAt: (step) => hasValidation && (step % evalSteps === 0 || step === steps),
    savesAt: (step) => step % saveSteps === 0 && step < steps,
    keepsBest: hasValidation && (config.load_best_model_at_end ?? config.early_stopping_patience !== undefined),
  };
}
