import type { z } from 'zod';
import type { Display, MagicContext, MimeBundle } from '../context.ts';
import { Interrupted, UserError } from '../errors.ts';
import { type FinishedEvent, type JobRequest, submitJob } from '../jobs/index.ts';
import { progressBundle } from '../jobs/progress.ts';
import type { JobEvent } from '../jobs/protocol.ts';

/** One output of a cell: what is shown replaces what was shown before. */
export function createOutput(context: Pick<MagicContext, 'display'>): (data: MimeBundle) => void {
  let display: Display | undefined;
  return (data) => {
    if (display === undefined) display = context.display(data);
    else display.update(data);
  };
}

/**
 * Runs a job to its end with a progress line by `show`, and checks its result. Finished before, it answers at once
 * (`reused`). An interrupt cancels the job; a failure becomes a UserError where the worker meant it for the user.
 */
export async function runJob<Schema extends z.ZodType>(
  request: JobRequest,
  resultSchema: Schema,
  context: Pick<MagicContext, 'distFolder' | 'signal'>,
  { folder, fresh = false, show }: { folder: string; fresh?: boolean; show(line: MimeBundle): void },
): Promise<{ result: z.output<Schema>; reused: boolean }> {
  const job = await submitJob(request, { folder, distFolder: context.distFolder }, { fresh });
  const { signal } = context;
  const progress = job.reused ? undefined : showProgress(show);
  try {
    const finished = await job.follow(progress, { signal });
    if (finished.status !== 'succeeded') throw notSucceeded(request.title, finished);
    return { result: resultSchema.parse(finished.result), reused: job.reused };
  } catch (error) {
    if (signal.aborted) await job.cancel();
    throw error;
  }
}

function showProgress(show: (line: MimeBundle) => void): (event: JobEvent) => void {
  const startMs = performance.now();
  let device: string | undefined;
  return (event) => {
    if (event.type === 'started') device = event.device;
    if (event.type === 'progress') show(progressBundle(event, performance.now() - startMs, device));
  };
}

function notSucceeded(title: string, { status, error }: FinishedEvent): Error {
  if (status === 'cancelled') return new Interrupted(`Cancelled: ${title}.`);
  if (error?.name === 'UserError') return new UserError(error.message);
  const failure = new Error(`Failed to ${title}: ${error?.message ?? 'the worker gave no reason'}`);
  if (error?.stack !== undefined) failure.stack = error.stack;
  return failure;
}
