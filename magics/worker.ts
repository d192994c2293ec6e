import type { JobHandler, JobSpec } from './jobs/protocol.ts';
import { runWorker } from './jobs/worker-main.ts';

/** The worker's work by kind of job: the one place where jobs and magics meet. Loaded when needed: engines are large. */
export const handlers: Partial<Record<JobSpec['kind'], () => Promise<JobHandler>>> = {
  finetune: async () => (await import('./finetune/work.ts')).work,
  eval: async () => (await import('./eval/work.ts')).work,
  generate: async () => (await import('./eval/generate.ts')).generate,
  embed: async () => (await import('./eval/similarity/work.ts')).work,
  serve: async () => (await import('./deploy/work.ts')).work,
};

const [jobFolder] = process.argv.slice(2);
if (jobFolder === undefined) {
  console.error('Usage: node worker.js JOBFOLDER');
  process.exit(2);
}
process.exit(await runWorker(jobFolder, handlers));
