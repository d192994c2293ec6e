import { z } from 'zod';
import { deploymentOption } from '../deploy/options.ts';

const as = z.string().optional().describe('variable that holds the result');
const unitMs: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The options of `%monitor NAME`. */
export const showOptions = z.strictObject({
  name: deploymentOption.describe('deployment to look at'),
  since: z
    .string()
    .regex(/^\d+(\.\d+)?[mhd]$/, 'write 30m, 24h or 7d')
    .transform((text) => Number(text.slice(0, -1)) * unitMs[text.slice(-1)]!)
    .optional()
    .describe('only the requests of the last 30m, 24h, 7d'),
  as,
});
export type ShowOptions = z.output<typeof showOptions>;

/** The options of `%monitor feedback NAME`. */
export const feedbackOptions = z.strictObject({
  name: deploymentOption.describe('deployment that answered'),
  request: z.string().optional().describe('id of the request; default: the last one'),
  value: z.enum(['up', 'down']).describe('what you think of the answer'),
  rationale: z.string().max(10_000).optional().describe('why'),
  as,
});
export type FeedbackOptions = z.output<typeof feedbackOptions>;
