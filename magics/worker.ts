import type { JobHandler, JobSpec } from './jobs/protocol.ts';

/** The worker's work by kind of job: the one place where jobs and magics meet. Loaded when needed: engines are large. */
export const handlers: Partial<Record<JobSpec['kind'], () => Promise<JobHandler>>> = {};
