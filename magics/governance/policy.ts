import { z } from 'zod';
import { policyInvalid } from './policy-errors.ts';
import type { RecordStore } from './store.ts';

/** Where the policy and the keys that count lie in the repository. */
export const policyPath = 'llmops/policy.json';
export const allowedSignersPath = 'llmops/allowed_signers';
export const revokedSignersPath = 'llmops/revoked_signers';

const evaluationRule = z.strictObject({
  metric: z.string().describe('name of the figure in the evaluation record'),
  min: z.number().optional(),
  max: z.number().optional(),
  bound: z.enum(['value', 'low', 'high']).default('value').describe('which end of the confidence interval counts'),
  task: z.string().optional().describe('only evaluations of this task'),
  data: z.string().optional().describe('only evaluations on this data set'),
  maxAgeDays: z.number().positive().optional().describe('an older evaluation does not count'),
});

const fairnessRule = z.strictObject({
  metric: z.string(),
  column: z.string().describe('the slices of this column are compared'),
  maxDifference: z.number().nonnegative().describe('between the best and the worst group'),
});

const stagePolicy = z.strictObject({
  evaluations: z.array(evaluationRule).default([]),
  fairness: z.array(fairnessRule).default([]),
  licenses: z.array(z.string()).optional().describe('SPDX identifiers that model and data sets may have'),
  redacted: z.boolean().default(false).describe('training data, or what it was made from, had personal data redacted'),
  checked: z.boolean().default(false).describe('training data meets the rules that it was held against'),
  after: z.array(z.string()).default([]).describe('stages that the version must have been in before'),
  approvals: z
    .strictObject({
      count: z.int().nonnegative().default(0).describe('different people, the author not among them'),
      roles: z.record(z.string(), z.int().positive()).default({}).describe('how many of them must have a role'),
    })
    .prefault({}),
});
export type StagePolicy = z.output<typeof stagePolicy>;

/** `llmops/policy.json`: what a version must show before it goes to a stage. A stage without an entry asks for nothing. */
export const policySchema = z.strictObject({
  schemaVersion: z.literal(1),
  roles: z.record(z.string(), z.array(z.string())).default({}).describe('role -> e-mail addresses of its people'),
  stages: z.record(z.string(), stagePolicy),
});
export type Policy = z.output<typeof policySchema>;

/** The policy as committed at `at`; undefined without one. A UserError says what is not valid in it. */
export async function readPolicy(store: RecordStore, at?: string): Promise<Policy | undefined> {
  const text = await store.readFile(policyPath, { at });
  if (text === undefined) return undefined;
  const result = policySchema.safeParse(parseJson(text));
  if (!result.success) throw policyInvalid(z.prettifyError(result.error).replaceAll('\n', ' '));
  const roles = Object.keys(result.data.roles);
  for (const [stage, { approvals }] of Object.entries(result.data.stages)) {
    const unknown = Object.keys(approvals.roles).find((role) => !roles.includes(role));
    if (unknown !== undefined) throw policyInvalid(`stage "${stage}" asks for role "${unknown}", which "roles" lacks`);
  }
  return result.data;
}

/** The stages that the policy names, in its order; `staging` and `production` without a policy. */
export async function stageNames(store: RecordStore): Promise<string[]> {
  const named = Object.keys((await readPolicy(store))?.stages ?? {});
  return named.length > 0 ? named : ['staging', 'production'];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw policyInvalid(`it is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
}
