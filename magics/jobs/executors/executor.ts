import type { JobSpec } from '../protocol.ts';

/** What is known of a job's present attempt from where it runs; how it ended is in its events. */
export type ExecutorState =
  | { readonly state: 'starting' | 'running' }
  /** Waiting for resources; `reason` in the words of whoever makes it wait. */
  | { readonly state: 'queued'; readonly reason?: string }
  /** Whoever runs the job does not answer: it may well be running. */
  | { readonly state: 'unknown'; readonly reason?: string }
  /** No process works on it any more; `reason` says what ended it, where that is known. */
  | { readonly state: 'gone'; readonly reason?: string };

/**
 * Where a job's worker runs. The job folder holds the truth about the work; an executor only starts a worker on it,
 * knows whether there is one, and stops it.
 */
export interface Executor {
  readonly name: string;
  /** Starts `node dist/worker.js JOBFOLDER` and leaves in the folder what is needed to find it again. */
  start(jobFolder: string, spec: JobSpec, distFolder: string): Promise<void>;
  /** Starts several that ask for the same as one request, at most `parallel` at the same time; absent where there is no such thing. */
  startMany?(
    jobs: readonly { readonly folder: string; readonly spec: JobSpec }[],
    distFolder: string,
    parallel?: number,
  ): Promise<void>;
  state(jobFolder: string): Promise<ExecutorState>;
  /** Asks the worker to stop; with `force` it is ended. */
  stop(jobFolder: string, force: boolean): Promise<void>;
}
