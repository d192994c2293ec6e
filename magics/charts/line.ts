import { type Axis, axisTitle, type ChartText, chart, formatNumber } from './chart.ts';
import type { ChartSpec } from './spec.ts';
import { thin } from './thin.ts';

/** One line: "training loss". Points whose y is missing or not finite are left out. */
export interface LineSeries {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number | null }[];
}

/** A vertical mark at x: a saved checkpoint, the best step. */
export interface LineMark {
  readonly x: number;
  readonly label: string;
}

export interface LineChartOptions extends ChartText {
  readonly x: Axis;
  readonly y: Axis;
  /** Drawn in this order with the palette's colours; ordered by x. */
  readonly series: readonly LineSeries[];
  readonly marks?: readonly LineMark[];
  readonly height?: number;
}

/** Points that all series of a chart share. */
const maxPoints = 2000;
/** Series this short show their points. */
const dottedPoints = 40;
/** More marks than this are told apart by their tooltips alone. */
const labelledMarks = 6;

/** Lines over a number line (training and validation loss by step). Call it again with more points to update a live chart. */
export function lineChart(options: LineChartOptions): ChartSpec {
  const series = options.series.map((s) => ({ name: s.name, points: finite(s.points) }));
  const share = Math.floor(maxPoints / Math.max(1, series.length));
  const lines = series.flatMap((s) => thin(s.points, share).map((p) => ({ ...p, series: s.name })));
  const dots = series.flatMap((s) =>
    s.points.length <= dottedPoints ? s.points.map((p) => ({ ...p, series: s.name })) : [],
  );
  const marks = options.marks ?? [];
  return chart(options, describe(options), {
    height: options.height ?? 240,
    datasets: { lines, dots, marks },
    layer: [
      ...(marks.length > 0 ? markLayers(marks.length, options) : []),
      { data: { name: 'lines' }, mark: { type: 'line', clip: true }, encoding: encoding(options) },
      { data: { name: 'dots' }, mark: { type: 'point', filled: true, size: 36 }, encoding: encoding(options) },
      hoverLayer(options),
    ],
  });
}

function encoding({ x, y, series }: LineChartOptions) {
  return {
    x: {
      field: 'x',
      type: 'quantitative',
      title: axisTitle(x),
      ...axis(x),
      scale: { ...scale(x), nice: false },
    },
    y: { field: 'y', type: 'quantitative', title: axisTitle(y), ...axis(y), scale: scale(y) },
    color: {
      field: 'series',
      type: 'nominal',
      scale: { domain: series.map((s) => s.name) },
      legend: series.length > 1 ? {} : null,
    },
    tooltip: [
      { field: 'series', type: 'nominal', title: 'series' },
      { field: 'x', type: 'quantitative', title: axisTitle(x) },
      { field: 'y', type: 'quantitative', title: axisTitle(y), format: y.format ?? '.4~g' },
    ],
  };
}

function axis({ format }: Axis) {
  return { axis: { tickCount: 6, ...(format === undefined ? {} : { format }) } };
}

/** Fitted to the values; a log scale has no zero to include. */
function scale(axis: Axis) {
  return axis.scale === 'log' ? { type: 'log' } : { zero: false };
}

/** Invisible points that find the value nearest to the pointer; still pictures leave this layer out. */
function hoverLayer(options: LineChartOptions) {
  const nearest = { type: 'point', on: 'pointerover', nearest: true, clear: 'pointerout' };
  return {
    name: 'hover',
    data: { name: 'lines' },
    params: [{ name: 'nearest', select: nearest }],
    mark: { type: 'point', filled: true, size: 70 },
    encoding: { ...encoding(options), opacity: { condition: { param: 'nearest', empty: false, value: 1 }, value: 0 } },
  };
}

function markLayers(count: number, { x }: LineChartOptions) {
  const position = { field: 'x', type: 'quantitative', title: axisTitle(x) };
  const tooltip = [{ field: 'label', type: 'nominal' }, { ...position }];
  const rule = { type: 'rule', strokeDash: [3, 3], strokeWidth: 1.5, opacity: 0.45 };
  const text = { type: 'text', align: 'left', baseline: 'top', dx: 4, y: 0 };
  const label = { field: 'label', type: 'nominal' };
  return [
    { data: { name: 'marks' }, mark: rule, encoding: { x: position, tooltip } },
    ...(count > labelledMarks ? [] : [{ data: { name: 'marks' }, mark: text, encoding: { x: position, text: label } }]),
  ];
}

function describe({ x, y, series, marks = [] }: LineChartOptions): string {
  const ends = series.map(({ name, points }) => {
    const shown = finite(points);
    const [first, last] = [shown[0], shown.at(-1)];
    if (first === undefined || last === undefined) return `${name}: no values yet`;
    return `${name}: from ${formatNumber(first.y)} to ${formatNumber(last.y)} over ${shown.length} points`;
  });
  const marked =
    marks.length > 0 ? ` Marked: ${marks.map((m) => `${m.label} at ${formatNumber(m.x)}`).join(', ')}.` : '';
  return `Line chart of ${axisTitle(y)} by ${axisTitle(x)}. ${ends.join('; ')}.${marked}`;
}

function finite(points: LineSeries['points']): { x: number; y: number }[] {
  return points.flatMap(({ x, y }) => (y !== null && Number.isFinite(y) ? [{ x, y }] : []));
}
