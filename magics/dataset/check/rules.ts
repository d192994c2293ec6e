import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { piiKinds } from '../pii/entity.ts';

const columns = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const share = z.number().min(0).max(1);

/** What a data set must be like. Every key is one kind of rule; columns are named within. */
export const rulesSchema = z.strictObject({
  rows: z
    .strictObject({ min: z.int().nonnegative().optional(), max: z.int().nonnegative().optional() })
    .optional()
    .describe('how many rows there are'),
  columns: z.record(z.string(), z.string()).optional().describe('column -> its TypeScript type: {text: string}'),
  not_null: columns.optional().describe('columns without missing values; texts may not be blank either'),
  unique: columns.optional().describe('columns whose values are all different'),
  range: z
    .record(z.string(), z.strictObject({ min: z.number().optional(), max: z.number().optional() }))
    .optional()
    .describe('column -> least and greatest number'),
  length: z
    .record(z.string(), z.strictObject({ min: z.int().optional(), max: z.int().optional() }))
    .optional()
    .describe('column -> least and greatest length of its texts, in characters'),
  matches: z
    .record(z.string(), z.string())
    .optional()
    .describe('column -> regular expression (u flag) for the whole value'),
  allowed: z
    .record(z.string(), z.array(z.union([z.string(), z.number(), z.boolean()])))
    .optional()
    .describe('column -> the values it may have'),
  balance: z
    .record(z.string(), z.strictObject({ max_ratio: z.number().min(1) }))
    .optional()
    .describe('column -> how many times as frequent as the rarest value the commonest may be'),
  duplicates: z
    .strictObject({ max_share: share, on: columns.optional(), near: z.number().min(0.5).max(1).optional() })
    .optional()
    .describe('share of rows that may repeat an earlier one, exactly or (near) nearly'),
  no_pii: z
    .union([z.literal(true), z.array(z.enum(piiKinds))])
    .optional()
    .describe('true, or the kinds of personal data that no text may hold'),
});
export type Rules = z.output<typeof rulesSchema>;

/** The rules in a parsed YAML or JSON document; a UserError names what is not one. */
export function parseRules(document: unknown, where: string): Rules {
  const result = rulesSchema.safeParse(document ?? {});
  if (!result.success) throw badRules(where, z.prettifyError(result.error).replaceAll('\n', ' '));
  if (Object.keys(result.data).length === 0) throw badRules(where, 'there is no rule in it.');
  return result.data;
}

function badRules(where: string, why: string): UserError {
  const kinds = Object.keys(rulesSchema.shape).join(', ');
  return new UserError(`The rules in ${where} cannot be used: ${why} Rules are: ${kinds}.`);
}
