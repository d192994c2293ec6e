import { suggestion, UserError } from '../errors.ts';

export function jobNotFound(id: string, available: readonly string[]): UserError {
  const rest = available.length > 0 ? suggestion(id, available, 'Jobs') : ' There are no jobs in this repository yet.';
  return new UserError(`There is no job "${id}".${rest}`, { offending: id });
}

export function jobDamaged(file: string, problem: string): UserError {
  return new UserError(`The job file ${file} is damaged: ${problem}. Remove the job's folder and run the cell again.`);
}

export function jobStillRunning(id: string): UserError {
  return new UserError(`Job ${id} is still running. Attach to it with: llmops jobs attach ${id}`);
}

export function jobSucceeded(id: string): UserError {
  return new UserError(
    `Job ${id} has succeeded already: there is nothing to resume. Run its cell with --fresh to repeat it.`,
  );
}

export function workerMissing(file: string): UserError {
  return new UserError(`The job worker ${file} is not there. Build it with: npm run build`);
}

export function submissionBusy(lock: string): UserError {
  return new UserError(
    `Another process has been starting the same job for too long. If none is running, remove ${lock}`,
  );
}

export function kindUnknown(kind: string): UserError {
  return new UserError(`This version cannot run jobs of the kind "${kind}". Update it, then resume the job.`);
}
