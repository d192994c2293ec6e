import { z } from 'zod';
import { recordName } from '../../governance/record-parts.ts';
import { evaluationOption } from '../read-evaluation.ts';

/** The options of `%eval compare`. */
export const compareOptions = z.strictObject({
  first: evaluationOption.describe('evaluation to compare: its id or ${evaluation}'),
  second: evaluationOption.describe('evaluation to compare it with'),
  test: z
    .enum(['bootstrap', 'randomisation'])
    .default('bootstrap')
    .describe('how p-values are made: paired bootstrap, or approximate randomisation'),
  seed: z.int().nonnegative().default(0).describe('of the intervals and tests'),
  as: recordName.optional().describe('variable that holds the comparison'),
});
export type CompareOptions = z.output<typeof compareOptions>;
