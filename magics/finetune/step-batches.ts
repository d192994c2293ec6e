import { randomStream } from '../engine/random.ts';
import type { Batch } from '../engine/types.ts';
import { type BatchPlan, type PlannedBatch, planEpoch, positionsOf, toBatch } from './batches.ts';
import type { TrainingConfig } from './config.ts';
import { dropWords, type Example } from './examples.ts';

/** What one optimizer step learns from. */
export interface StepBatches {
  readonly tensors: readonly Batch[];
  /** Padding not counted. */
  readonly tokens: number;
  /** Which batch it is, or the first of several: `batch 3 of 40 in epoch 2`. */
  readonly name: string;
  /** The rows of the data sets that are in it, as messages name them. */
  readonly rows: readonly string[];
}

export interface StepBatchOptions {
  readonly plan: BatchPlan;
  readonly batchesPerEpoch: number;
  readonly padTokenId: number;
  readonly config: Pick<TrainingConfig, 'seed' | 'gradient_accumulation_steps' | 'word_dropout'>;
}

/** The batches of each optimizer step, counted from 0. They follow from the step and the seed alone, whatever came before. */
export function createStepBatches(
  examples: readonly Example[],
  { plan, batchesPerEpoch, padTokenId, config }: StepBatchOptions,
): (step: number) => StepBatches {
  const { seed, gradient_accumulation_steps: count, word_dropout: dropout } = config;
  const batchAt = createEpochs(examples, { ...plan, seed }, batchesPerEpoch);
  const tensorOf = (batch: PlannedBatch, position: number): Batch => {
    const random = randomStream(seed, 'words', position).uniform;
    const kept = (row: readonly Example[]) => row.map((example) => dropWords(example, dropout, random));
    return toBatch(dropout > 0 ? { ...batch, rows: batch.rows.map(kept) } : batch, padTokenId);
  };
  return (step) => {
    const positions = Array.from({ length: count }, (_, i) => step * count + i);
    const planned = positions.map(batchAt);
    const chosen = planned.flatMap(({ rows }) => rows.flat());
    return {
      tensors: planned.map((batch, i) => tensorOf(batch, positions[i]!)),
      tokens: chosen.reduce((sum, example) => sum + positionsOf(example), 0),
      name: nameOf(positions[0]!, batchesPerEpoch),
      rows: chosen.flatMap((example) => example.where ?? []),
    };
  };
}

/** The batch at a position in all epochs one after the other; the epoch that was asked for last is kept. */
function createEpochs(examples: readonly Example[], plan: BatchPlan & { seed: number }, batchesPerEpoch: number) {
  let known: { epoch: number; batches: readonly PlannedBatch[] } | undefined;
  return (position: number): PlannedBatch => {
    const epoch = Math.floor(position / batchesPerEpoch);
    if (known?.epoch !== epoch) known = { epoch, batches: planEpoch(examples, { ...plan, epoch }) };
    return known.batches[position % batchesPerEpoch]!;
  };
}

function nameOf(position: number, batchesPerEpoch: number): string {
  const epoch = Math.floor(position / batchesPerEpoch) + 1;
  return `batch ${(position % batchesPerEpoch) + 1} of ${batchesPerEpoch} in epoch ${epoch}`;
}
