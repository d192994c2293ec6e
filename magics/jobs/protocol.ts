import { z } from 'zod';
import { jobResources } from './resources.ts';

/**
 * A job is a folder `.llmops/jobs/<id>/`:
 *   spec.json      what to do; written once, before the worker starts
 *   events.jsonl   append-only, one event a line; readers tolerate a torn last line
 *   log.txt        the worker's stdout and stderr
 *   attempt        how many times the job was started, from 1
 *   worker.pid     pid and start time of the worker, when it runs on this machine
 *   executor.json  what the executor needs to find it again, when it runs elsewhere
 *   end.json       how an attempt ended, from a supervised worker to its supervisor
 *   cell.json      the notebook cell that shows the job, where a client has said so
 *   withdrawn-*    names a submission to a cluster that must not start any more
 *   heartbeat      touched every few seconds while the worker lives; removed at its end
 *   cancel         exists once cancellation was asked for
 *   checkpoints/   whatever the work saves, atomically
 * The folder is the whole truth: kernel, VS Code and executors may come and go.
 */
export const jobSpec = z.strictObject({
  schemaVersion: z.literal(1),
  id: z.string(),
  kind: z.enum(['finetune', 'eval', 'generate', 'embed', 'serve']),
  title: z.string().describe('one line for people, for example "fine-tune cron-lora"'),
  key: z.string().describe('content hash of everything that decides the result'),
  createdAt: z.iso.datetime(),
  folder: z.string().describe('absolute path of the repository'),
  device: z.string().optional(),
  resources: jobResources.optional(),
  group: z.string().optional().describe('jobs of one group share a slot of this machine: the trials of a sweep'),
  price: z
    .strictObject({ perHour: z.number().nonnegative(), currency: z.string() })
    .optional()
    .describe('what an hour of it costs by the settings, when it was started'),
  record: z.json().optional().describe('what its record needs besides the result, for whoever is there at its end'),
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
    leftMs: z.number().optional().describe('time that is left, where the work knows'),
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
    energyJoules: z.number().optional().describe('that its last attempt used, where that can be read'),
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
