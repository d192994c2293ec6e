import { diskFailure } from '../disk-failure.ts';
import { UserError } from '../errors.ts';

/** `tooLong` are the rows that were left out, if there were any. */
export function noExamples(tooLong: readonly Named[], sequenceTokens: number): UserError {
  return new UserError(
    tooLong.length === 0
      ? 'There is nothing to train on: the data sets have no rows, or none with a turn to learn.'
      : `There is nothing to train on: ${tooLongMessage(tooLong, sequenceTokens)} Raise sequence_len or shorten the rows.`,
  );
}

interface Named {
  readonly ids: readonly number[];
  readonly where?: string;
}

/** Names the first rows, with their lengths. */
export function tooLongMessage(examples: readonly Named[], sequenceTokens: number): string {
  const rows = examples.length === 1 ? '1 row is' : `${examples.length} rows are`;
  const named = examples.slice(0, 3).flatMap(({ where, ids }) => (where ? [`${where}: ${ids.length} tokens`] : []));
  const list =
    named.length === 0
      ? ''
      : ` ${named.join('; ')}${examples.length > named.length ? `; and ${examples.length - named.length} more` : ''}.`;
  return `${rows} longer than ${sequenceTokens} tokens (sequence_len, or the model's context) and left out.${list}`;
}

/** Said when a chat template cannot teach a conversation's turns in one sequence. */
export function splitMessage(count: number): string {
  const what = count === 1 ? '1 conversation' : `${count} conversations`;
  return `The chat template renders earlier turns differently once later ones follow: the turns of ${what} are trained in a sequence each.`;
}

/** The UserError for a disk that takes no checkpoint; undefined for any other failure. */
export function checkpointNotWritten(
  folder: string,
  step: number,
  earlierStep: number | undefined,
  cause: unknown,
): UserError | undefined {
  const failure = diskFailure(cause);
  if (failure === undefined) return undefined;
  const state = earlierStep === undefined ? 'There is none before it.' : `The one of step ${earlierStep} is kept.`;
  return new UserError(
    `The checkpoint of step ${step} could not be written to ${folder}: ${failure.reason}. ${state} ${failure.remedy} and run the cell again: it continues from the last checkpoint.`,
    { cause },
  );
}

/** The UserError for a disk that does not take the trained model; undefined for any other failure. */
export function modelNotWritten(folder: string, cause: unknown): UserError | undefined {
  const failure = diskFailure(cause);
  if (failure === undefined) return undefined;
  return new UserError(
    `The trained model could not be written to ${folder}: ${failure.reason}. The last checkpoint is kept. ${failure.remedy} and run the cell again: it continues from there.`,
    { cause },
  );
}

/** For jobs that are no training of a `%finetune` cell: evaluations, servers, trials of a sweep. */
export function notAttachable(id: string, title: string): UserError {
  return new UserError(
    `Job ${id} (${title}) is not the training of a %finetune cell. Run its own cell again: it follows the job if it still runs.`,
    { offending: id },
  );
}
