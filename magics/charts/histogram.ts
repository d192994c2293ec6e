import { type Axis, axisTitle, type ChartText, chart, formatNumber } from './chart.ts';
import type { ChartSpec } from './spec.ts';

/** Values of one group: "training", "requests". Values that are not finite are left out. */
export interface HistogramSeries {
  readonly name: string;
  readonly values: ArrayLike<number>;
}

export interface HistogramChartOptions extends ChartText {
  readonly x: Axis;
  /** With one series the bars are counts; with several they are shares of each series, drawn over each other. */
  readonly series: readonly HistogramSeries[];
  readonly maxBins?: number;
}

interface Bin {
  readonly start: number;
  readonly end: number;
  readonly series: string;
  readonly count: number;
  readonly share: number;
}

/** How values are distributed. Bins are counted here, so the chart stays small however many values there are. */
export function histogramChart(options: HistogramChartOptions): ChartSpec {
  const bins = countBins(options.series, options.maxBins ?? 30);
  const several = options.series.length > 1;
  const y = several
    ? { field: 'share', title: 'Share', axis: { format: '%' } }
    : { field: 'count', title: 'Count', axis: {} };
  return chart(options, describe(options), {
    height: 160,
    data: { values: bins },
    mark: { type: 'bar', opacity: several ? 0.55 : 1, binSpacing: 1 },
    encoding: {
      x: { field: 'start', type: 'quantitative', bin: 'binned', title: axisTitle(options.x), axis: { tickCount: 8 } },
      x2: { field: 'end' },
      y: { ...y, type: 'quantitative', stack: null, axis: { tickCount: 5, ...y.axis } },
      color: {
        field: 'series',
        type: 'nominal',
        scale: { domain: options.series.map((s) => s.name) },
        legend: several ? {} : null,
      },
      tooltip: [
        ...(several ? [{ field: 'series', type: 'nominal' }] : []),
        { field: 'start', type: 'quantitative', title: `${axisTitle(options.x)} from`, format: '.4~g' },
        { field: 'end', type: 'quantitative', title: 'to below', format: '.4~g' },
        { field: 'count', type: 'quantitative', title: 'count', format: ',' },
        { field: 'share', type: 'quantitative', title: 'share', format: '.1%' },
      ],
    },
  });
}

/** Counts of values in bins of equal, round width (1, 2 or 5 times a power of ten) that all series share. */
export function countBins(series: readonly HistogramSeries[], maxBins: number): Bin[] {
  const finite = series.map((s) => ({ name: s.name, values: Array.from(s.values).filter(Number.isFinite) }));
  const [low, high] = extent(finite.map((s) => s.values));
  const width = roundWidth((high - low) / maxBins);
  const first = Math.floor(low / width);
  const count = Math.max(1, Math.floor(high / width) - first + 1);
  return finite.flatMap(({ name, values }) => {
    const counts = new Array<number>(count).fill(0);
    for (const value of values) counts[Math.floor(value / width) - first]!++;
    return counts.map((n, i) => ({
      start: clean((first + i) * width),
      end: clean((first + i + 1) * width),
      series: name,
      count: n,
      share: n / Math.max(1, values.length),
    }));
  });
}

function extent(lists: readonly (readonly number[])[]): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const list of lists) {
    for (const value of list) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : [0, 0];
}

function roundWidth(width: number): number {
  if (width <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(width));
  const factor = [1, 2, 5].find((f) => f * power >= width) ?? 10;
  return factor * power;
}

/** Takes away the rounding error of multiplying by a power of ten. */
function clean(value: number): number {
  return Number(value.toPrecision(12));
}

function describe({ x, series }: HistogramChartOptions): string {
  const parts = series.map(({ name, values }) => {
    const sorted = Array.from(values)
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    if (sorted.length === 0) return `${name}: no values`;
    const median = sorted[Math.floor(sorted.length / 2)]!;
    const [low, middle, high] = [sorted[0]!, median, sorted.at(-1)!].map(formatNumber);
    return `${name}: ${formatNumber(sorted.length)} values from ${low} to ${high}, median ${middle}`;
  });
  return `Histogram of ${axisTitle(x)}. ${parts.join('; ')}.`;
}
