import { readFile } from 'node:fs/promises';
import type { ObjectPointer } from '../../magics/governance/records.ts';
import type { RecordStore } from '../../magics/governance/store.ts';
import type { JobEvent } from '../../magics/jobs/protocol.ts';
import { metricTitle } from './figures.ts';

/** One value of a metric series. */
export interface SeriesPoint {
  name: string;
  step: number;
  value: number | null;
}

/** The losses of a run over its steps, as SVG; undefined when there are none yet. */
export async function runChart(points: readonly SeriesPoint[]): Promise<string | undefined> {
  const names = [...new Set(points.map((point) => point.name))].filter((name) => /loss/i.test(name));
  if (names.length === 0) return undefined;
  const { lineChart, toSvg } = await import('../../magics/charts/index.ts');
  const series = names.map((name) => ({
    name: metricTitle(name),
    points: points.filter((point) => point.name === name).map(({ step, value }) => ({ x: step, y: value })),
  }));
  return toSvg(lineChart({ title: finding(series), x: { title: 'Step' }, y: { title: 'Loss' }, series, width: 760 }));
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

function finding(series: readonly { name: string; points: readonly { y: number | null }[] }[]): string {
  const [first] = series;
  const last = first?.points.findLast((point) => point.y !== null)?.y;
  const title = first!.name[0]!.toUpperCase() + first!.name.slice(1);
  return typeof last === 'number' ? `${title} ends at ${last.toPrecision(3)}` : title;
}
