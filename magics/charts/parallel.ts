import { type ChartText, chart, formatNumber } from './chart.ts';
import type { ChartSpec } from './spec.ts';
import { palette } from './theme.ts';

/** A line through all axes: the settings of one thing that was tried, and what came of it. */
export interface ParallelLine {
  readonly label: string;
  /** Axis -> value; axes that are missing here are skipped. */
  readonly values: Readonly<Record<string, number | string>>;
  /** 0 is worst, 1 best: the colour. */
  readonly rank: number;
}

export interface ParallelChartOptions extends ChartText {
  /** Names of the axes, from left to right. */
  readonly axes: readonly string[];
  /** Axes whose numbers are spread by their logarithm. */
  readonly logarithmic?: readonly string[];
  readonly lines: readonly ParallelLine[];
}

interface Mark {
  readonly axis: string;
  readonly position: number;
  readonly text: string;
}

/** Parallel coordinates: one vertical axis per setting, one line per thing that was tried. */
export function parallelChart(options: ParallelChartOptions): ChartSpec {
  const scales = new Map(options.axes.map((axis) => [axis, scaleOf(axis, options)]));
  const rows = options.lines.flatMap(({ label, values, rank }) =>
    options.axes.flatMap((axis) => {
      const value = values[axis];
      return value === undefined ? [] : [{ label, rank, axis, value, position: scales.get(axis)!.place(value) }];
    }),
  );
  const marks = options.axes.flatMap((axis) => scales.get(axis)!.marks);
  const x = {
    field: 'axis',
    type: 'nominal',
    sort: [...options.axes],
    title: null,
    axis: { labelAngle: 0, domain: false, ticks: false, orient: 'top' },
    scale: { type: 'point', padding: 0.6 },
  };
  const y = { field: 'position', type: 'quantitative', axis: null, scale: { domain: [-0.04, 1.1] } };
  const color = {
    field: 'rank',
    type: 'quantitative',
    scale: { domain: [0, 1], range: ['#a0a0a0', palette[1]] },
    legend: { title: 'worst to best', format: '.0%', gradientLength: 120 },
  };
  const tooltip = ['label', 'axis', 'value'].map((field) => ({ field, type: 'nominal' }));
  return chart(options, describe(options), {
    height: 220,
    datasets: { rows, marks, axes: options.axes.map((axis) => ({ axis })) },
    layer: [
      { data: { name: 'axes' }, mark: { type: 'rule', opacity: 0.4 }, encoding: { x } },
      {
        data: { name: 'rows' },
        mark: { type: 'line', opacity: 0.8 },
        encoding: { x, y, color, detail: { field: 'label' }, order: { field: 'axis', sort: [...options.axes] } },
      },
      { data: { name: 'rows' }, mark: { type: 'point', filled: true }, encoding: { x, y, color, tooltip } },
      {
        data: { name: 'marks' },
        mark: { type: 'text', align: 'left', dx: 7, fontSize: 10, opacity: 0.8 },
        encoding: { x, y, text: { field: 'text' } },
      },
    ],
  });
}

/** Where values lie on an axis, 0 at the bottom to 1 at the top, and the labels beside it. */
function scaleOf(axis: string, { lines, logarithmic }: ParallelChartOptions) {
  const values = lines.map((line) => line.values[axis]).filter((value) => value !== undefined);
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length < values.length || new Set(numbers).size <= 6) return listScale(axis, values);
  const isLog = logarithmic?.includes(axis) === true && numbers.every((number) => number > 0);
  const at = (value: number) => (isLog ? Math.log(value) : value);
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const place = (value: number | string) => (at(Number(value)) - at(low)) / (at(high) - at(low) || 1);
  return { place, marks: [low, high].map((value) => ({ axis, position: place(value), text: formatNumber(value) })) };
}

/** Few values or words: evenly spread, each with its label. */
function listScale(axis: string, values: readonly (number | string)[]) {
  const all = [...new Set(values)];
  if (all.every((value) => typeof value === 'number')) all.sort((a, b) => Number(a) - Number(b));
  const place = (value: number | string) => (all.length < 2 ? 0.5 : all.indexOf(value) / (all.length - 1));
  const text = (value: number | string) => (typeof value === 'number' ? formatNumber(value) : value);
  return { place, marks: all.map((value): Mark => ({ axis, position: place(value), text: text(value) })) };
}

function describe({ axes, lines }: ParallelChartOptions): string {
  const best = lines.reduce<ParallelLine | undefined>(
    (a, b) => (a === undefined || b.rank > a.rank ? b : a),
    undefined,
  );
  const settings =
    best &&
    Object.entries(best.values).map(
      ([axis, value]) => `${axis} ${typeof value === 'number' ? formatNumber(value) : value}`,
    );
  const said = best === undefined ? '' : ` The best, ${best.label}: ${settings!.join(', ')}.`;
  return `${lines.length} lines over ${axes.join(', ')}.${said}`;
}
