import { type Axis, axisTitle, type ChartText, chart, formatNumber } from './chart.ts';
import type { ChartSpec } from './spec.ts';
import { palette } from './theme.ts';

/** One thing that was tried: what it costs and how good it is. */
export interface TradeoffPoint {
  readonly label: string;
  readonly cost: number;
  readonly value: number;
  /** Nothing else is better at the same or a lower cost. */
  readonly isOnFront: boolean;
  /** What became of it: "succeeded", "stopped". */
  readonly status: string;
}

export interface TradeoffChartOptions extends ChartText {
  readonly cost: Axis;
  readonly value: Axis;
  readonly points: readonly TradeoffPoint[];
}

/** Quality against cost: every point, and the Pareto front as a stepped line through the best. */
export function tradeoffChart(options: TradeoffChartOptions): ChartSpec {
  const { points } = options;
  const front = points.filter(({ isOnFront }) => isOnFront).sort((a, b) => a.cost - b.cost);
  const axes = {
    x: { field: 'cost', type: 'quantitative', title: axisTitle(options.cost), scale: { nice: true } },
    y: { field: 'value', type: 'quantitative', title: axisTitle(options.value), scale: { zero: false } },
  };
  const tooltip = [
    { field: 'label', type: 'nominal', title: 'trial' },
    { field: 'value', type: 'quantitative', title: axisTitle(options.value), format: '.4~g' },
    { field: 'cost', type: 'quantitative', title: axisTitle(options.cost), format: '.3~s' },
    { field: 'status', type: 'nominal' },
  ];
  const statuses = [...new Set(points.map(({ status }) => status))];
  return chart(options, describe(options, front), {
    height: 240,
    datasets: { points, front },
    layer: [
      {
        data: { name: 'front' },
        mark: { type: 'line', interpolate: 'step-after', strokeDash: [4, 3], color: palette[1] },
        encoding: axes,
      },
      {
        data: { name: 'points' },
        mark: { type: 'point', filled: true, opacity: 0.9 },
        encoding: {
          ...axes,
          color: {
            condition: { test: 'datum.isOnFront', value: palette[1] },
            value: palette[0],
          },
          size: { condition: { test: 'datum.isOnFront', value: 90 }, value: 45 },
          shape: { field: 'status', type: 'nominal', scale: { domain: statuses }, legend: {} },
          tooltip,
        },
      },
    ],
  });
}

function describe({ points, cost, value }: TradeoffChartOptions, front: readonly TradeoffPoint[]): string {
  const best = front.map(
    (point) =>
      `${point.label}: ${value.title.toLowerCase()} ${formatNumber(point.value)} at ${formatNumber(point.cost)}`,
  );
  return `${points.length} points, ${value.title} against ${axisTitle(cost)}. On the Pareto front: ${best.join('; ') || 'none'}.`;
}
