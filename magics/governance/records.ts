import { z } from 'zod';
import { digest, environment, figure, input, objectPointer, recordName } from './record-parts.ts';

const common = {
  schemaVersion: z.literal(1),
  createdAt: z.iso.datetime().describe('UTC'),
  createdBy: z.string().optional().describe('name and e-mail from git'),
};

export const datasetRecord = z.strictObject({
  ...common,
  kind: z.literal('dataset'),
  name: recordName,
  digest,
  rows: z.int().nonnegative(),
  columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
  inputs: z.array(input),
  recipe: z
    .array(z.strictObject({ verb: z.string(), options: z.record(z.string(), z.json()) }))
    .describe('the steps from the inputs to this data set'),
  object: objectPointer.describe('the rows, as JSON Lines; as Parquet where they are too many for memory'),
  license: z.string().optional().describe('SPDX identifier'),
  checks: z
    .strictObject({
      rulesDigest: digest.describe('of the rules as JSON'),
      passed: z.boolean(),
      results: z.array(
        z.strictObject({ rule: z.string(), passed: z.boolean(), finding: z.string(), rows: z.int().nonnegative() }),
      ),
    })
    .optional()
    .describe('what came of holding these rows against rules, the last time'),
  environment: environment.optional(),
});
export type DatasetRecord = z.output<typeof datasetRecord>;

/** What a job cost: the price of its resources times the time that its workers ran. */
const cost = z.strictObject({
  value: z.number().nonnegative(),
  currency: z.string(),
  perHour: z.number().nonnegative(),
});

/** A model as it is at one version; older versions are older commits, reached by the tag `name@vX.Y.Z`. */
export const modelRecord = z.strictObject({
  ...common,
  kind: z.literal('model'),
  name: recordName,
  version: z.string().regex(/^v\d+\.\d+\.\d+$/),
  description: z.string().optional(),
  architecture: z.string(),
  parameters: z.int().nonnegative(),
  run: z.string().optional().describe('id of the run that made it'),
  inputs: z.array(input),
  prompt: z.string().optional().describe('name of the prompt it was trained with'),
  metrics: z.record(z.string(), figure),
  files: z.array(objectPointer).describe('the merged model in Hugging Face layout, and adapter/ in PEFT layout'),
  license: z.string().optional(),
});
export type ModelRecord = z.output<typeof modelRecord>;

export const runRecord = z.strictObject({
  ...common,
  kind: z.literal('run'),
  id: recordName,
  name: recordName.describe('name of the model that it makes'),
  job: z.string(),
  status: z.enum(['succeeded', 'failed', 'cancelled']),
  reason: z.string().optional(),
  config: z.record(z.string(), z.json()),
  inputs: z.array(input),
  model: z.string().optional().describe('name@version, when one was made'),
  metrics: z.record(z.string(), figure),
  series: objectPointer.optional().describe('metric series, JSON Lines {step, name, value}'),
  tags: z.record(z.string(), z.string()).optional().describe('notes of people, mirrored with MLflow'),
  seconds: z.number().nonnegative(),
  cost: cost.optional(),
  energyJoules: z
    .number()
    .nonnegative()
    .optional()
    .describe('of the processors and GPUs that it ran on, where that could be read'),
  environment,
});
export type RunRecord = z.output<typeof runRecord>;

/** A search over settings of a training: its trials are runs, and the best of them made a model. */
export const sweepRecord = z.strictObject({
  ...common,
  kind: z.literal('sweep'),
  id: recordName,
  name: recordName.describe('name of the model that the best trial made'),
  description: z.string().optional(),
  status: z.enum(['succeeded', 'failed', 'cancelled']),
  reason: z.string().optional().describe('why not all trials ran'),
  method: z.enum(['grid', 'random']),
  metric: z.strictObject({ name: z.string(), goal: z.enum(['minimize', 'maximize']) }),
  parameters: z.json().describe('what was swept: paths and domains'),
  config: z.record(z.string(), z.json()).describe('early_terminate, budget, run_cap'),
  trials: z.array(
    z.strictObject({
      parameters: z.record(z.string(), z.json()),
      status: z.enum(['succeeded', 'stopped', 'failed', 'cancelled', 'skipped']),
      reason: z.string().optional(),
      value: z.number().nullable().describe('of the metric; of a stopped trial, its last one'),
      evaluations: z.int(),
      seconds: z.number(),
      run: z.string().optional().describe('id of its run record'),
      isOnFront: z.boolean().describe('no other trial is better at the same or a lower cost'),
    }),
  ),
  best: z.string().optional().describe('id of the best run'),
  model: z.string().optional().describe('name@version'),
  inputs: z.array(input),
  seconds: z.number().nonnegative().describe('of all trials together'),
  cost: cost.optional(),
  environment,
});
export type SweepRecord = z.output<typeof sweepRecord>;

/** The task of a suite that an evaluation is, with what became of its gates. Paths are relative to the repository's top. */
const suiteTask = z.strictObject({
  name: z.string(),
  file: z.string(),
  folder: z.string().describe('where the paths in the file start'),
  task: z.string(),
  gates: z.array(z.strictObject({ gate: z.string().describe('exact_match>=0.9'), passed: z.boolean() })),
});
export type RecordedSuiteTask = z.output<typeof suiteTask>;

export const evalRecord = z.strictObject({
  ...common,
  kind: z.literal('eval'),
  id: recordName,
  task: z.string(),
  model: z.string(),
  baseline: z.string().optional(),
  inputs: z.array(input),
  config: z.record(z.string(), z.json()),
  seed: z.int(),
  metrics: z.record(z.string(), figure),
  baselineMetrics: z.record(z.string(), figure).optional(),
  differences: z
    .record(z.string(), figure.extend({ pValue: z.number().nullable() }))
    .optional()
    .describe('model minus baseline on the same samples, by paired bootstrap'),
  slices: z
    .array(z.strictObject({ column: z.string(), value: z.string(), metrics: z.record(z.string(), figure) }))
    .optional(),
  samples: objectPointer.describe('per-sample results, JSON Lines'),
  suite: suiteTask.optional(),
  seconds: z.number().nonnegative(),
  environment,
});
export type EvalRecord = z.output<typeof evalRecord>;

export const deploymentRecord = z.strictObject({
  ...common,
  kind: z.literal('deployment'),
  name: recordName,
  model: z.string().describe('name@version'),
  status: z.enum(['running', 'stopped']),
  host: z.string(),
  port: z.int(),
  inputs: z.array(input),
  config: z.record(z.string(), z.json()),
  environment,
});
export type DeploymentRecord = z.output<typeof deploymentRecord>;

/** Someone's consent that a version goes to a stage; it counts when the commit that adds it is signed by an allowed signer. */
export const approvalRecord = z.strictObject({
  ...common,
  kind: z.literal('approval'),
  id: recordName,
  model: z.string().describe('name@version'),
  commit: z.string().describe('commit that the version tag is on'),
  digest: digest.describe('of the model record at that commit'),
  stage: recordName,
  comment: z.string().optional(),
});
export type ApprovalRecord = z.output<typeof approvalRecord>;

/** A request that a version goes to a stage, made as a branch; the stage's tag is minted after the merge. */
export const promotionRecord = z.strictObject({
  ...common,
  kind: z.literal('promotion'),
  id: recordName,
  model: z.string().describe('name@version'),
  commit: z.string().describe('commit that the version tag is on'),
  stage: recordName,
  checks: z.array(
    z.strictObject({ rule: z.string(), passed: z.boolean(), finding: z.string(), evidence: z.array(z.string()) }),
  ),
});
export type PromotionRecord = z.output<typeof promotionRecord>;

export const anyRecord = z.discriminatedUnion('kind', [
  datasetRecord,
  modelRecord,
  runRecord,
  sweepRecord,
  evalRecord,
  deploymentRecord,
  approvalRecord,
  promotionRecord,
]);
export type AnyRecord = z.output<typeof anyRecord>;
export type RecordKind = AnyRecord['kind'];
export type RecordOf<K extends RecordKind> = Extract<AnyRecord, { kind: K }>;

/** Path of a record within the repository. */
export function recordPath(record: AnyRecord): string {
  switch (record.kind) {
    case 'dataset':
      return `llmops/datasets/${record.name}.json`;
    case 'model':
      return `llmops/models/${record.name}/model.json`;
    case 'run':
      return `llmops/runs/${record.id}.json`;
    case 'sweep':
      return `llmops/sweeps/${record.id}.json`;
    case 'eval':
      return `llmops/evals/${record.id}.json`;
    case 'deployment':
      return `llmops/deployments/${record.name}.json`;
    case 'approval':
      return `llmops/approvals/${record.id}.json`;
    case 'promotion':
      return `llmops/promotions/${record.id}.json`;
  }
}
