import { UserError } from '../../errors.ts';
import { type Fairness, fairness, fairnessSignature } from '../fairness.ts';
import { firstLine, labelSignature } from './labels.ts';
import type { Sample, SetMetric } from './metric.ts';

export interface FairnessOptions {
  /** Column that names each row's group. */
  column: string;
  /** The favourable answer. */
  positive: string;
}

type Measure =
  | 'demographicParityDifference'
  | 'demographicParityRatio'
  | 'equalizedOddsDifference'
  | 'equalizedOddsRatio'
  | 'equalOpportunityDifference';

/** Fairlearn's names of the measures. */
export const fairnessMeasures: Readonly<Record<string, Measure>> = {
  demographic_parity_difference: 'demographicParityDifference',
  demographic_parity_ratio: 'demographicParityRatio',
  equalized_odds_difference: 'equalizedOddsDifference',
  equalized_odds_ratio: 'equalizedOddsRatio',
  equal_opportunity_difference: 'equalOpportunityDifference',
};

/** `demographic_parity_difference(column=..., positive=...)` and its like of `%eval`, with an interval by resampling. */
export function fairnessMetric(name: string, { column, positive }: FairnessOptions): SetMetric {
  const measure = fairnessMeasures[name]!;
  return {
    name,
    title: name.replaceAll('_', ' '),
    unit: 'ratio',
    better: name.endsWith('ratio') ? 'higher' : 'lower',
    signature: `${fairnessSignature(positive)}|column:${column}|${labelSignature}`,
    isProportion: false,
    prepare(samples) {
      const known = samples.map((sample) => ({
        prediction: firstLine(sample.prediction),
        reference: firstLine(sample.reference),
        group: groupOf(sample, column),
      }));
      return {
        determined: samples.length,
        value(weights) {
          const taken =
            weights === undefined ? known : known.flatMap((one, i) => new Array<typeof one>(weights[i]!).fill(one));
          return measureOf(taken, positive)[measure];
        },
      };
    },
  };
}

function measureOf(
  samples: readonly { prediction: string; reference: string; group: string }[],
  positive: string,
): Fairness {
  return fairness(
    samples.map(({ prediction }) => prediction),
    samples.map(({ reference }) => reference),
    samples.map(({ group }) => group),
    positive,
  );
}

function groupOf({ row }: Sample, column: string): string {
  if (row === undefined || !Object.hasOwn(row, column)) throw groupColumnNotFound(column, Object.keys(row ?? {}));
  const value = row[column];
  return value === null || value === undefined ? 'missing' : String(value);
}

function groupColumnNotFound(column: string, columns: readonly string[]): UserError {
  return new UserError(
    `The data has no column "${column}" to group by.${columns.length > 0 ? ` Columns: ${columns.join(', ')}.` : ''}`,
    { offending: column },
  );
}
