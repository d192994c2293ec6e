import { UserError } from '../errors.ts';

/** How many steps the running mean of the loss looks back, roughly. */
const memorySteps = 20;

/** The running mean of the loss after one step more (exponential, about 20 steps). */
export function updateRecentLoss(recent: number | null, loss: number): number {
  return recent === null ? loss : recent + (loss - recent) / memorySteps;
}

/** Where training stands, for a message: the batch, and the rows of the data sets that were in it. */
export interface StepPlace {
  readonly step: number;
  readonly vocabularySize: number;
  readonly learningRate: number;
  readonly batch: string;
  readonly rows: readonly string[];
}

/**
 * Stops a training that cannot recover: a loss that is no number, or a running mean half as high again as guessing
 * uniformly among `vocabularySize` tokens (ln V nats). Throws a UserError that names the batch's rows and what to change.
 */
export function checkLoss(loss: number, recent: number, where: StepPlace): void {
  if (!Number.isFinite(loss)) throw lossNotFinite(loss, where);
  if (where.step > memorySteps && recent > 1.5 * Math.log(where.vocabularySize)) throw lossExploded(recent, where);
}

function lossNotFinite(loss: number, where: StepPlace): UserError {
  return new UserError(
    `The loss became ${loss} at step ${where.step} (learning rate ${where.learningRate.toPrecision(3)}, ${where.batch}). ` +
      `Lower learning_rate, set max_grad_norm to 1, or look at those rows: ${rowNames(where.rows)}. The last checkpoint is kept.`,
  );
}

function lossExploded(recent: number, where: StepPlace): UserError {
  return new UserError(
    `The loss grew to ${recent.toFixed(2)} at step ${where.step}, worse than guessing (${Math.log(where.vocabularySize).toFixed(2)}); ` +
      `last: ${where.batch}, ${rowNames(where.rows)}. Lower learning_rate or lengthen warmup_steps. The last checkpoint is kept.`,
  );
}

/** The first rows, so that the message stays short. */
function rowNames(rows: readonly string[]): string {
  const shown = rows.slice(0, namedRows).map((row, i) => (i === 0 ? row : row.replace(/^Row/, 'row')));
  return `${shown.join(', ')}${rows.length > namedRows ? ` and ${rows.length - namedRows} more` : ''}`;
}

const namedRows = 4;
