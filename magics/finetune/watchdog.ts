import { UserError } from '../errors.ts';

/** How many steps the running mean of the loss looks back, roughly. */
const memorySteps = 20;

/** The running mean of the loss after one step more (exponential, about 20 steps). */
export function updateRecentLoss(recent: number | null, loss: number): number {
  return recent === null ? loss : recent + (loss - recent) / memorySteps;
}

/**
 * Stops a training that cannot recover: a loss that is no number, or a running mean half as high again as guessing
 * uniformly among `vocabularySize` tokens (ln V nats). `rows` names the batch. Throws a UserError with what to change.
 */
export function checkLoss(
  loss: number,
  recent: number,
  where: { step: number; vocabularySize: number; learningRate: number; rows: string },
): void {
  if (!Number.isFinite(loss)) throw lossNotFinite(loss, where);
  if (where.step > memorySteps && recent > 1.5 * Math.log(where.vocabularySize)) throw lossExploded(recent, where);
}

function lossNotFinite(loss: number, where: { step: number; learningRate: number; rows: string }): UserError {
  return new UserError(
    `The loss became ${loss} at step ${where.step} (learning rate ${where.learningRate.toPrecision(3)}, ${where.rows}). ` +
      'Lower learning_rate, set max_grad_norm to 1, or look at those rows. The last checkpoint is kept.',
  );
}

function lossExploded(recent: number, where: { step: number; vocabularySize: number; rows: string }): UserError {
  return new UserError(
    `The loss grew to ${recent.toFixed(2)} at step ${where.step}, worse than guessing (${Math.log(where.vocabularySize).toFixed(2)}); ` +
      `last batch: ${where.rows}. Lower learning_rate or lengthen warmup_steps. The last checkpoint is kept.`,
  );
}
