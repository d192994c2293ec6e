import { UserError } from '../errors.ts';

export function noExamples(rows: number, sequenceTokens: number): UserError {
  return new UserError(
    rows === 0
      ? 'There is nothing to train on: the data sets have no rows.'
      : `There is nothing to train on: none of the ${rows} rows is left. All are longer than ${sequenceTokens} tokens, or held out. Raise sequence_len or lower val_set_size.`,
  );
}

export function tooLongMessage(count: number, sequenceTokens: number): string {
  const rows = count === 1 ? '1 row is' : `${count} rows are`;
  return `${rows} longer than ${sequenceTokens} tokens (sequence_len, or the model's context) and left out.`;
}
