import { type AdditiveMetric, mean, meanMetric } from './metric.ts';
import { pairs } from './pairs.ts';

/** What is evened out before two texts are compared. The names are those of Hugging Face's `exact_match`. */
export interface ExactMatchOptions {
  /** Removes white space at both ends; on by default, because a model's answer often ends with a line break. */
  trim?: boolean;
  ignoreCase?: boolean;
  /** Removes ASCII punctuation. */
  ignorePunctuation?: boolean;
  /** Removes the digits 0-9. */
  ignoreNumbers?: boolean;
}

/** Share of predictions that equal their reference after normalisation; null for no samples. */
export function exactMatch(
  predictions: readonly string[],
  references: readonly string[],
  options: ExactMatchOptions = {},
): { score: number | null; signature: string } {
  const matches = pairs(predictions, references).map(([p, r]) => Number(isExactMatch(p, r, options)));
  return { score: mean(matches), signature: exactMatchSignature(options) };
}

/** `exact_match` of `%eval`. */
export function exactMatchMetric(options: ExactMatchOptions = {}): AdditiveMetric {
  return meanMetric({
    name: 'exact_match',
    title: 'exact match',
    signature: exactMatchSignature(options),
    isProportion: true,
    score: ({ prediction, reference }) => Number(isExactMatch(prediction, reference, options)),
  });
}

function isExactMatch(prediction: string, reference: string, options: ExactMatchOptions): boolean {
  return normalise(prediction, options) === normalise(reference, options);
}

function normalise(text: string, options: ExactMatchOptions): string {
  let normal = text;
  if (options.ignoreCase) normal = normal.toLowerCase();
  if (options.ignorePunctuation) normal = normal.replace(/[!-/:-@[-`{-~]/g, '');
  if (options.ignoreNumbers) normal = normal.replace(/[0-9]/g, '');
  return (options.trim ?? true) ? normal.trim() : normal;
}

function exactMatchSignature(options: ExactMatchOptions): string {
  const yes = (flag: boolean | undefined) => (flag ? 'yes' : 'no');
  return [
    `trim:${yes(options.trim ?? true)}`,
    `case:${options.ignoreCase ? 'ignored' : 'mixed'}`,
    `punct:${options.ignorePunctuation ? 'ignored' : 'kept'}`,
    `numbers:${options.ignoreNumbers ? 'ignored' : 'kept'}`,
  ].join('|');
}
