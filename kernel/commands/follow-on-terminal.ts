import type { Job } from '../../magics/jobs/index.ts';
import { progressLine } from '../../magics/jobs/progress.ts';
import type { JobEvent } from '../../magics/jobs/protocol.ts';
import type { CommandIo } from './command.ts';

const lineEveryMs = 5000;

/** Follows a job: one line that redraws itself on a terminal, else a line every 5 s. Resolves to the exit code. */
export async function followOnTerminal(job: Job, io: CommandIo): Promise<number> {
  const show = createPrinter(io);
  const finished = await job.follow(show);
  if (finished.status === 'failed') io.stderr(`${job.spec.title}: ${finished.error?.message ?? 'failed'}\n`);
  else io.stdout(`${job.spec.title}: ${finished.status}\n`);
  return finished.status === 'succeeded' ? 0 : 1;
}

function createPrinter(io: CommandIo): (event: JobEvent) => void {
  let startedAt = 0;
  let device: string | undefined;
  let printedAt = 0;
  let isLineOpen = false;
  const endLine = () => {
    if (isLineOpen) io.stdout('\n');
    isLineOpen = false;
  };
  return (event) => {
    if (event.type === 'started') [startedAt, device] = [Date.parse(event.time), event.device];
    if (event.type === 'finished') endLine();
    if (event.type === 'message') {
      endLine();
      io.stdout(`${event.level === 'info' ? '' : `${event.level}: `}${event.text}\n`);
    }
    if (event.type !== 'progress') return;
    const time = Date.parse(event.time);
    const { text } = progressLine(event, time - startedAt, device);
    if (io.terminal) io.stdout(`\r${text}\u001b[K`);
    else if (time - printedAt >= lineEveryMs) io.stdout(`${text}\n`);
    else return;
    printedAt = time;
    isLineOpen = io.terminal;
  };
}
