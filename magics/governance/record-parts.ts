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
  engine: z.string().optional().describe('what computed, where it was not ONNX Runtime: tfjs wasm'),
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
