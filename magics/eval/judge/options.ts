import { z } from 'zod';
import { recordName } from '../../governance/record-parts.ts';
import { answererOption, askOptions } from '../ask/options.ts';
import { evaluationOption } from '../read-evaluation.ts';

/** The options of `%eval judge`. */
export const judgeOptions = z.strictObject({
  evaluation: evaluationOption.describe('evaluation whose answers are judged: its id or ${evaluation}'),
  by: answererOption.optional().describe('model that judges: a model, a deployment, or its name at the endpoint'),
  ...askOptions,
  rubric: z.string().min(3).describe('what makes an answer good'),
  scale: z
    .string()
    .regex(/^-?\d+-\d+$/, 'write the lowest and the highest grade, for example 1-5')
    .default('1-5')
    .describe('lowest and highest grade'),
  against: evaluationOption.optional().describe('evaluation to compare with, answer by answer'),
  human: z
    .array(z.union([z.number(), z.string(), z.null()]))
    .optional()
    .describe('grades (or first, second, tie) by people, in the order of the samples: the agreement is shown'),
  limit: z.int().positive().optional().describe('judge the first samples only'),
  seed: z.int().nonnegative().default(0).describe('of the bootstrap intervals'),
  as: recordName.optional().describe('variable that holds the judgement'),
});
export type JudgeOptions = z.output<typeof judgeOptions>;
