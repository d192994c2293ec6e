import type { Row } from '../dataset/dataset.ts';
import type { Figure } from '../governance/record-parts.ts';
import type { Metric, Sample } from './metrics/metric.ts';
import { type ScoreOptions, scoreSamples } from './score.ts';

/** The metrics of the rows that share one value of a column. */
export interface Slice {
  column: string;
  value: string;
  metrics: Record<string, Figure>;
}

/** Scores each value of each column by itself, largest groups first. Missing values form a group of their own. */
export function scoreSlices(
  columns: readonly string[],
  metrics: readonly Metric[],
  rows: readonly Row[],
  samples: readonly Sample[],
  options: ScoreOptions,
): Slice[] {
  return columns.flatMap((column) => {
    const groups = new Map<string, Sample[]>();
    for (const [i, row] of rows.entries()) {
      const value = sliceValue(row[column]);
      const group = groups.get(value);
      if (group === undefined) groups.set(value, [samples[i]!]);
      else group.push(samples[i]!);
    }
    return [...groups]
      .sort(([a, x], [b, y]) => y.length - x.length || a.localeCompare(b))
      .map(([value, group]) => ({ column, value, metrics: scoreSamples(metrics, group, options) }));
  });
}

function sliceValue(value: unknown): string {
  if (value === null || value === undefined) return 'missing';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
