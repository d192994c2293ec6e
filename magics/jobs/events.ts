import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { jobFile } from './job-folder.ts';
import { type JobEvent, jobEvent, type NewJobEvent } from './protocol.ts';

/** Appends numbered, dated events to a job's `events.jsonl`; one writer at a time. */
export interface EventWriter {
  append(event: NewJobEvent): void;
  close(): void;
}

/** Reads the events that were appended since the last call; an unfinished last line waits for its end. */
export interface EventReader {
  next(): Promise<JobEvent[]>;
}

/** Opens the event log for writing after the last whole event; a line torn by a crash is cut off. */
export function createEventWriter(jobFolder: string): EventWriter {
  const file = path.join(jobFolder, jobFile.events);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  let seq = parseLines(whole).at(-1)?.seq ?? 0;
  const handle = openSync(file, 'a');
  ftruncateSync(handle, Buffer.byteLength(whole));
  return {
    append(event) {
      const numbered = jobEvent.parse({ ...finite(event), seq: ++seq, time: new Date().toISOString() });
      writeSync(handle, `${JSON.stringify(numbered)}\n`);
      if (event.type === 'finished' || event.type === 'checkpoint') fsyncSync(handle);
    },
    close: () => closeSync(handle),
  };
}

export function createEventReader(jobFolder: string): EventReader {
  let offset = 0;
  return {
    async next() {
      const bytes = await readFrom(path.join(jobFolder, jobFile.events), offset);
      const end = bytes.lastIndexOf(0x0a) + 1;
      offset += end;
      return parseLines(bytes.toString('utf8', 0, end));
    },
  };
}

/** Every whole event of a job, in order. */
export async function readEvents(jobFolder: string): Promise<JobEvent[]> {
  return createEventReader(jobFolder).next();
}

async function readFrom(file: string, offset: number): Promise<Buffer> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return Buffer.alloc(0);
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.max(0, size - offset));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Lines that are no event (torn by a crash, or of a newer version) are left out. */
function parseLines(text: string): JobEvent[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      return [jobEvent.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

/** JSON has no NaN or Infinity: such figures are left out, such a metric is null. */
function finite(event: NewJobEvent): NewJobEvent {
  if (event.type === 'metric') return { ...event, value: Number.isFinite(event.value) ? event.value : null };
  if (event.type !== 'progress' || event.figures === undefined) return event;
  const figures = Object.entries(event.figures).filter(([, value]) => Number.isFinite(value));
  return { ...event, figures: Object.fromEntries(figures) };
}
