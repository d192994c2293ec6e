import type { Trainer } from '../engine/types.ts';
import { type PlannedBatch, toBatch } from './batches.ts';

export interface Validation {
  /** Mean cross-entropy of answer tokens, nats. */
  readonly loss: number;
  /** Share of rows whose whole answer the model would give when decoding greedily (every argmax right, teacher-forced). */
  readonly exactMatch: number;
}

/** Loss and exact match over the batches; undefined when `signal` aborts on the way. */
export async function validate(
  trainer: Pick<Trainer, 'evaluate'>,
  batches: readonly PlannedBatch[],
  { padTokenId, signal }: { padTokenId: number; signal?: AbortSignal },
): Promise<Validation | undefined> {
  let [lossSum, weightSum, correct, count] = [0, 0, 0, 0];
  for (const batch of batches) {
    if (signal?.aborted) return undefined;
    const result = await trainer.evaluate(toBatch(batch, padTokenId));
    lossSum += result.lossSum;
    weightSum += result.weightSum;
    correct += result.rowsCorrect.filter(Boolean).length;
    count += batch.rows.length;
  }
  return { loss: lossSum / weightSum, exactMatch: correct / count };
}
