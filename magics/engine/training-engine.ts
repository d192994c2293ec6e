import type { LossTargets } from './batch.ts';
import type { Tensor } from './safetensors.ts';
import type { Batch, StepResult } from './types.ts';

/** A batch with what it is to predict. */
export interface TargetedBatch {
  readonly batch: Batch;
  readonly targets: LossTargets;
}

/** Where parameters, moments and their sessions live: in the process's memory, or on a graphics device. */
export interface TrainingEngine {
  /** One optimizer step; `step` counts from 1. `weightSum` is that of all batches. */
  step(batches: readonly TargetedBatch[], weightSum: number, step: number, learningRate: number): Promise<StepResult>;
  /** Sum of the weighted losses, and the most likely token at each target. */
  evaluate(batch: TargetedBatch): Promise<{ lossSum: number; predictions: BigInt64Array }>;
  /** Parameters, or also Adam's moments by their names in checkpoints. Read them before the next step. */
  parameters(): Promise<Map<string, Tensor>>;
  state(): Promise<Map<string, Tensor>>;
  /** Replaces parameters and moments. */
  restore(state: ReadonlyMap<string, Tensor>): Promise<void>;
  release(): Promise<void>;
}
