import type { Figure } from '../governance/record-parts.ts';
import type { Metric } from './metrics/metric.ts';

/** A value in the metric's unit: `93.1%`, `45.2` (BLEU), `1.083`; `undetermined` for null. */
export function formatValue(metric: Pick<Metric, 'unit'>, value: number | null): string {
  if (value === null) return 'undetermined';
  return metric.unit === 'share' ? `${bare(metric, value)}%` : bare(metric, value);
}

/** `[91.2, 94.8]`, in the metric's unit without its sign; empty without an interval. */
export function formatInterval(metric: Pick<Metric, 'unit'>, { low, high }: Figure): string {
  return low === undefined || high === undefined ? '' : `[${bare(metric, low)}, ${bare(metric, high)}]`;
}

/** `+93.1`, `-0.4`. */
export function formatDifference(metric: Pick<Metric, 'unit'>, value: number | null): string {
  if (value === null) return 'undetermined';
  return `${value < 0 ? '-' : '+'}${bare(metric, Math.abs(value))}`;
}

/** `p < 0.001`, `p = 0.03`. */
export function formatPValue(p: number | null): string {
  if (p === null) return '';
  return p < 0.001 ? 'p < 0.001' : `p = ${Number(p.toPrecision(2))}`;
}

function bare({ unit }: Pick<Metric, 'unit'>, value: number): string {
  if (unit === 'ratio') return String(Number(value.toPrecision(4)));
  return (unit === 'share' ? value * 100 : value).toFixed(1);
}
