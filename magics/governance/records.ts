import { z } from 'zod';

/** `sha256:` and 64 hexadecimal digits. */
export const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
/** A record's name: the file name under `llmops/<kind>/` and the tag prefix `name@v1.0.0`. */
export const recordName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'names are letters, digits, ".", "_" and "-", at most 100 long');

/** A large file outside git, in Git LFS pointer terms; stored under `.llmops/objects/sha256/`. */
export const objectPointer = z.strictObject({
  path: z.string().describe('file name within the artefact, for example adapter/adapter_model.safetensors'),
  oid: digest,
  size: z.int().nonnegative().describe('bytes'),
});
export type ObjectPointer = z.output<typeof objectPointer>;

/** What the work ran on and with; enough to rerun it. */
export const environment = z.strictObject({
  node: z.string(),
  platform: z.string(),
  arch: z.string(),
  cpu: z.string().optional(),
  device: z.string().optional().describe('cpu, webgpu or cuda'),
  packages: z.record(z.string(), z.string()),
  lockDigest: digest.optional(),
  commit: z.string().optional().describe('commit of the work tree when the work began'),
  dirty: z.boolean().optional().describe('whether the work tree differed from that commit'),
  notebook: z.string().optional().describe('path of the notebook, relative to the repository'),
});
export type Environment = z.output<typeof environment>;

/** A named input of some work, pinned by digest. */
export const input = z.strictObject({
  role: z.enum(['train', 'validation', 'test', 'base', 'prompt', 'model', 'baseline', 'source', 'reference']),
  kind: z.enum(['dataset', 'prompt', 'model', 'file', 'deployment']),
  name: z.string(),
  version: z.string().optional(),
  digest: digest.optional(),
});
export type Input = z.output<typeof input>;

/** A figure with its uncertainty. `value` is null where it could not be determined; it is never NaN. */
export const figure = z.strictObject({
  value: z.number().nullable(),
  low: z.number().optional().describe('lower end of the confidence interval'),
  high: z.number().optional(),
  level: z.number().optional().describe('confidence level, for example 0.95'),
  n: z.int().optional().describe('samples'),
  signature: z.string().optional().describe('how it was computed, so that figures are only compared with their like'),
});
export type Figure = z.output<typeof figure>;

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
  object: objectPointer.describe('the rows, as JSON Lines'),
  environment: environment.optional(),
});
export type DatasetRecord = z.output<typeof datasetRecord>;

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
  seconds: z.number().nonnegative(),
  environment,
});
export type RunRecord = z.output<typeof runRecord>;

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

export const anyRecord = z.discriminatedUnion('kind', [
  datasetRecord,
  modelRecord,
  runRecord,
  evalRecord,
  deploymentRecord,
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
    case 'eval':
      return `llmops/evals/${record.id}.json`;
    case 'deployment':
      return `llmops/deployments/${record.name}.json`;
  }
}
