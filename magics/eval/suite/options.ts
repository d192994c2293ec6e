import { z } from 'zod';
import { recordName } from '../../governance/record-parts.ts';
import { answererOption, askOptions } from '../ask/options.ts';
import { pricesOption } from '../matrix/options.ts';

/** The options of `%eval suite`. */
export const suiteOptions = z.strictObject({
  file: z.string().describe('suite, promptfooconfig.yaml, or task of lm-evaluation-harness'),
  model: answererOption.optional().describe('model to evaluate, in place of those that the file names'),
  ...askOptions,
  prices: pricesOption.optional().describe('input/output price per million tokens, for imported suites'),
  only: z.string().optional().describe('run the one task of this name'),
  seed: z.int().nonnegative().default(0).describe('of the intervals and tests'),
  as: recordName.optional().describe('variable that holds the results'),
});
export type SuiteOptions = z.output<typeof suiteOptions>;
