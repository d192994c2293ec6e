import { lineChart, toSvg } from '../../magics/charts/index.ts';
import { metricTitle } from './figures.ts';
import type { SeriesPoint } from './series.ts';

/** The losses of a run over its steps, as SVG; undefined when there are none yet. */
export async function runChart(points: readonly SeriesPoint[]): Promise<string | undefined> {
  const names = [...new Set(points.map((point) => point.name))].filter((name) => /loss/i.test(name));
  if (names.length === 0) return undefined;
  const series = names.map((name) => ({
    name: metricTitle(name),
    points: points.filter((point) => point.name === name).map(({ step, value }) => ({ x: step, y: value })),
  }));
  return toSvg(lineChart({ title: finding(series), x: { title: 'Step' }, y: { title: 'Loss' }, series, width: 760 }));
}

function finding(series: readonly { name: string; points: readonly { y: number | null }[] }[]): string {
  const [first] = series;
  const last = first?.points.findLast((point) => point.y !== null)?.y;
  const title = first!.name[0]!.toUpperCase() + first!.name.slice(1);
  return typeof last === 'number' ? `${title} ends at ${last.toPrecision(3)}` : title;
}
