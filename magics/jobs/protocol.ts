import { z } from 'zod';

/**
 * A job is a folder `.llmops/jobs/<id>/`:
 *   spec.json      what to do; written once, before the worker starts
 *   events.jsonl   append-only, one event a line; readers tolerate a torn last line
 *   log.txt        the worker's stdout and stderr
 *   attempt        how many times the job was started, from 1
 *   worker.pid     pid and start time of the worker
 *   cancel         exists once cancellation was asked for
 *   checkpoints/   whatever the work saves, atomically
 * The folder is the whole truth: kernel, VS Code and executors may come and go.
 */
export const jobSpec = z.strictObject({
  schemaVersion: z.literal(1),
  id: z.string(),
  kind: z.enum(['finetune', 'eval', 'generate', 'serve']),
  title: z.string().describe('one line for people, for example "fine-tune cron-lora"'),
  key: z.string().describe('content hash of everything that decides the result'),
  createdAt: z.iso.datetime(),
  folder: z.string().describe('absolute path of the repository'),
  device: z.string().optional(),
  payload: z.json().describe('what the kind of work needs; checked by the worker'),
});
export type JobSpec = z.output<typeof jobSpec>;

export const jobStatus = z.enum(['succeeded', 'failed', 'cancelled']);
export type JobStatus = z.output<typeof jobStatus>;

const base = { seq: z.int(), time: z.iso.datetime() };
export const jobEvent = z.discriminatedUnion('type', [
  z.strictObject({
    ...base,
    type: z.literal('started'),
    pid: z.int(),
    host: z.string(),
    device: z.string().optional(),
    attempt: z.int(),
  }),
  z.strictObject({
    ...base,
    type: z.literal('progress'),
    phase: z.string().describe('what is going on, for example "training"'),
    step: z.number(),
    steps: z.number().optional(),
    /** Figures worth showing beside the bar: loss, tokensPerSecond, memoryBytes, learningRate ... */
    figures: z.record(z.string(), z.number()).optional(),
  }),
  z.strictObject({
    ...base,
    type: z.literal('metric'),
    name: z.string(),
    step: z.number(),
    value: z.number().nullable(),
  }),
  z.strictObject({
    ...base,
    type: z.literal('message'),
    level: z.enum(['info', 'warning', 'error']),
    text: z.string(),
  }),
  z.strictObject({ ...base, type: z.literal('checkpoint'), step: z.number(), path: z.string() }),
  /** A server is ready; the payload says where. */
  z.strictObject({ ...base, type: z.literal('ready'), payload: z.json() }),
  z.strictObject({
    ...base,
    type: z.literal('finished'),
    status: jobStatus,
    result: z.json().optional(),
    error: z.strictObject({ name: z.string(), message: z.string(), stack: z.string().optional() }).optional(),
  }),
]);
export type JobEvent = z.output<typeof jobEvent>;

type WithoutBase<E> = E extends unknown ? Omit<E, 'seq' | 'time'> : never;
/** An event before the writer has numbered and dated it. */
export type NewJobEvent = WithoutBase<JobEvent>;

/** What the work of one kind of job is given. */
export interface JobContext {
  readonly spec: JobSpec;
  /** Absolute path of the job folder. */
  readonly jobFolder: string;
  /** How many times the job was started, from 1; above 1, look for a checkpoint. */
  readonly attempt: number;
  emit(event: NewJobEvent): void;
  /** Aborted when the job is cancelled; stop within a second and keep what is saved. */
  readonly signal: AbortSignal;
}

/** The work of one kind of job: returns the result that the `finished` event carries. */
export type JobHandler = (context: JobContext) => Promise<unknown>;
