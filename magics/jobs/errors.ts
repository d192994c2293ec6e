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

export function settingsInvalid(file: string, problem: string): UserError {
  return new UserError(`${file} is not valid: ${problem.replaceAll('\n', ' ')}.`);
}

/** `limit` is what this machine has of it. */
export function tooFewHere(option: 'gpus' | 'cpus', asked: number, limit: number): UserError {
  const what = option === 'gpus' ? 'GPU' : 'core';
  const has = limit === 0 ? `no ${what}` : `${limit} ${what}${limit === 1 ? '' : 's'}`;
  const slot = option === 'gpus' ? 'gpus' : 'cores';
  return new UserError(
    `The job asks for ${asked} ${what}${asked === 1 ? '' : 's'}, and this machine has ${has} for jobs. ` +
      `Ask for fewer with --${option}, raise "slots": { "${slot}": ${asked} } in .llmops/jobs.json, or use a cluster with --executor slurm, ray or kubeflow.`,
    { offending: option },
  );
}

export function queueBusy(lock: string): UserError {
  return new UserError(`The queue of this machine has been locked for too long. If no job is starting, remove ${lock}`);
}

/** `advice` is the limit to ask for; `used` what was seen, where it was. */
export function memoryExceeded(limit: string, advice: string, used?: string): UserError {
  const more = used === undefined ? 'more memory' : `${used} of memory, more`;
  return new UserError(
    `It needed ${more} than its limit of ${limit} (--memory ${limit}), and was ended. ` +
      `Ask for more, for example --memory ${advice}, or train with a smaller micro_batch_size; run again, it goes on from its last checkpoint.`,
    { offending: 'memory' },
  );
}

export function timeExceeded(limit: string, advice: string): UserError {
  return new UserError(
    `It reached its time limit of ${limit} (--time ${limit}) and was stopped. ` +
      `Run it again to go on from its last checkpoint; ask for more with, for example, --time ${advice}.`,
    { offending: 'time' },
  );
}
