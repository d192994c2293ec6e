import { readFile } from 'node:fs/promises';
import type { ObjectPointer } from '../../magics/governance/record-parts.ts';
import type { RecordStore } from '../../magics/governance/store.ts';
import type { JobEvent } from '../../magics/jobs/protocol.ts';

/** One value of a metric series. */
export interface SeriesPoint {
  name: string;
  step: number;
  value: number | null;
}

/** A recorded run's series, read from its object; empty when this copy of the repository lacks it. */
export async function readSeries(store: RecordStore, pointer: ObjectPointer | undefined): Promise<SeriesPoint[]> {
  if (pointer === undefined) return [];
  const file = await store.objects.file(pointer).catch(() => undefined);
  if (file === undefined) return [];
  const lines = (await readFile(file, 'utf8')).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}

/** The series that a job has told so far. */
export function seriesOf(events: readonly JobEvent[]): SeriesPoint[] {
  return events.filter((event) => event.type === 'metric').map(({ name, step, value }) => ({ name, step, value }));
}
