import { type Axis, axisTitle, type ChartText, chart, formatNumber } from './chart.ts';
import type { ChartSpec } from './spec.ts';

/** One bar; `series` sets bars of the same label side by side in different colours. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly series?: string;
}

export interface BarChartOptions extends ChartText {
  /** What the labels are: "label", "metric". */
  readonly category: Axis;
  readonly value: Axis;
  /** Drawn top to bottom in this order. */
  readonly bars: readonly Bar[];
  /** Labels beyond this many are left out, and the axis says so; 30 when absent. */
  readonly maxLabels?: number;
}

/** Horizontal bars: counts by label, scores by slice. */
export function barChart(options: BarChartOptions): ChartSpec {
  const all = [...new Set(options.bars.map((b) => b.label))];
  const labels = all.slice(0, options.maxLabels ?? 30);
  const bars = options.bars.filter((b) => labels.includes(b.label));
  const series = [...new Set(bars.flatMap((b) => (b.series === undefined ? [] : [b.series])))];
  const { value } = options;
  const category =
    labels.length < all.length
      ? { title: `${axisTitle(options.category)}, first ${labels.length} of ${all.length}` }
      : options.category;
  return chart(options, describe(options, bars), {
    height: Math.max(1, labels.length) * (series.length > 1 ? 10 * series.length + 6 : 18),
    data: { values: bars },
    mark: { type: 'bar', minBandSize: 1 },
    encoding: {
      y: {
        field: 'label',
        type: 'nominal',
        sort: labels,
        title: axisTitle(category),
        axis: { ticks: false, domain: false },
      },
      x: { field: 'value', type: 'quantitative', title: axisTitle(value), axis: valueAxis(value) },
      ...(series.length > 1 ? seriesEncoding(series) : {}),
      tooltip: [
        { field: 'label', type: 'nominal', title: axisTitle(category) },
        ...(series.length > 1 ? [{ field: 'series', type: 'nominal' }] : []),
        { field: 'value', type: 'quantitative', title: axisTitle(value), format: value.format ?? ',.4~r' },
      ],
    },
  });
}

/** Encoding that colours and offsets marks of the same label by series. */
export function seriesEncoding(series: readonly string[]) {
  return {
    yOffset: { field: 'series', type: 'nominal', sort: [...series] },
    color: { field: 'series', type: 'nominal', scale: { domain: [...series] }, legend: {} },
  };
}

/** The options of an axis that shows values. */
export function valueAxis({ format }: Axis) {
  return { tickCount: 6, ...(format === undefined ? {} : { format }) };
}

function describe({ category, value }: BarChartOptions, bars: readonly Bar[]): string {
  const said = bars
    .slice(0, 10)
    .map((b) => `${b.series === undefined ? '' : `${b.series}, `}${b.label}: ${formatNumber(b.value)}`);
  const rest = bars.length > said.length ? `; and ${bars.length - said.length} more` : '';
  return `Bar chart of ${axisTitle(value)} by ${axisTitle(category)}. ${said.join('; ')}${rest}.`;
}
