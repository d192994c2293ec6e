import { readEvents } from './events.ts';
import { readAttempt } from './job-folder.ts';
import type { JobStatus } from './protocol.ts';

/** Status of the present attempt as its events tell; undefined while there is no `finished` event for it. */
export async function readFinishedStatus(jobFolder: string): Promise<JobStatus | undefined> {
  const [events, attempt] = [await readEvents(jobFolder), await readAttempt(jobFolder)];
  let startedAttempt = 0;
  let status: JobStatus | undefined;
  for (const event of events) {
    if (event.type === 'started') [startedAttempt, status] = [event.attempt, undefined];
    if (event.type === 'finished' && startedAttempt >= attempt) status = event.status;
  }
  return status;
}
