import { UserError } from '../../errors.ts';

/** Each prediction with its reference; refuses lists of different lengths. */
export function pairs<P, R>(predictions: readonly P[], references: readonly R[]): [P, R][] {
  if (predictions.length !== references.length) throw lengthsDiffer(predictions.length, references.length);
  return predictions.map((prediction, i) => [prediction, references[i]!]);
}

function lengthsDiffer(predictions: number, references: number): UserError {
  return new UserError(
    `There are ${predictions} predictions but ${references} references. Pass one reference for each prediction, in the same order.`,
  );
}
