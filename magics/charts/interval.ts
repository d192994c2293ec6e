import { seriesEncoding, valueAxis } from './bar.ts';
import { type Axis, axisTitle, type ChartText, chart, formatNumber } from './chart.ts';
import type { ChartSpec } from './spec.ts';
import { palette } from './theme.ts';

/** A figure with its confidence interval. `value` is null where it could not be determined: shown as a gap. */
export interface Interval {
  readonly label: string;
  readonly value: number | null;
  readonly low?: number;
  readonly high?: number;
  /** Which model or version it belongs to, when several are compared. */
  readonly series?: string;
}

export interface IntervalChartOptions extends ChartText {
  /** What the labels are: "metric", "slice". */
  readonly category: Axis;
  readonly value: Axis;
  readonly intervals: readonly Interval[];
  /** Ends of the value axis; fitted to the data when absent. */
  readonly domain?: readonly [number, number];
}

/** Points with error bars: metrics with confidence intervals, beside a baseline's. */
export function intervalChart(options: IntervalChartOptions): ChartSpec {
  const { intervals } = options;
  const labels = [...new Set(intervals.map((i) => i.label))];
  const series = [...new Set(intervals.flatMap((i) => (i.series === undefined ? [] : [i.series])))];
  const shared = sharedEncoding(options, labels, series);
  const x = valueEncoding(options);
  const rule = { type: 'rule', strokeWidth: 2, color: palette[0] };
  const point = { type: 'point', filled: true, size: 70, opacity: 1 };
  return chart(options, describe(options), {
    height: Math.max(1, labels.length) * (series.length > 1 ? 14 * series.length + 6 : 26),
    data: { values: intervals.filter((i) => i.value !== null) },
    layer: [
      { mark: rule, encoding: { ...shared, x: { ...x, field: 'low' }, x2: { field: 'high' } } },
      { mark: point, encoding: { ...shared, x: { ...x, field: 'value' } } },
    ],
  });
}

function valueEncoding({ value, domain }: IntervalChartOptions) {
  const scale = { zero: false, ...(domain && { domain }) };
  return { type: 'quantitative', title: axisTitle(value), axis: valueAxis(value), scale };
}

function sharedEncoding(
  { category, value }: IntervalChartOptions,
  labels: readonly string[],
  series: readonly string[],
) {
  const axis = { ticks: false, domain: false, grid: true };
  const format = value.format ?? '.4~r';
  const figure = { type: 'quantitative', format };
  return {
    y: { field: 'label', type: 'nominal', sort: labels, title: axisTitle(category), axis },
    ...(series.length > 1 ? seriesEncoding(series) : {}),
    tooltip: [
      { field: 'label', type: 'nominal', title: axisTitle(category) },
      ...(series.length > 1 ? [{ field: 'series', type: 'nominal' }] : []),
      { ...figure, field: 'value', title: axisTitle(value) },
      { ...figure, field: 'low', title: 'interval from' },
      { ...figure, field: 'high', title: 'to' },
    ],
  };
}

function describe({ category, value, intervals }: IntervalChartOptions): string {
  const said = intervals.slice(0, 12).map(({ label, series, value: v, low, high }) => {
    const range =
      low === undefined || high === undefined ? '' : `, between ${formatNumber(low)} and ${formatNumber(high)}`;
    return `${series === undefined ? '' : `${series}, `}${label}: ${v === null ? 'not determined' : formatNumber(v)}${range}`;
  });
  const rest = intervals.length > said.length ? `; and ${intervals.length - said.length} more` : '';
  return `${axisTitle(value)} by ${axisTitle(category)} with confidence intervals. ${said.join('; ')}${rest}.`;
}
