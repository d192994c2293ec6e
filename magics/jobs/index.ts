export { costAfter, formatCost, formatPrice, type JobCost, type JobPrice, priceOf } from './cost.ts';
export { canStartTogether, isElsewhere } from './executors/index.ts';
export type { FinishedEvent } from './follow.ts';
export { type Job, type LiveStatus, listJobs, openJob } from './job.ts';
export { type JobRequest, resumeJob, submitJob, submitJobs } from './submit.ts';
