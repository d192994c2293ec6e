import type { ChartSpec } from '../../magics/charts/spec.ts';

/** Rows of a named data set. */
export type Rows = unknown[];

/** Splits a specification into its named data sets and the rest, which says whether a drawn chart can be kept. */
export function separateData(spec: ChartSpec): { shape: unknown; datasets: Record<string, Rows> } {
  const { datasets, description: _, ...shape } = spec as ChartSpec & { datasets?: Record<string, unknown> };
  const rows = Object.entries(datasets ?? {}).filter((entry): entry is [string, Rows] => Array.isArray(entry[1]));
  return { shape, datasets: Object.fromEntries(rows) };
}
