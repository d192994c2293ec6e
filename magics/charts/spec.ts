import type { TopLevelSpec } from 'vega-lite';

/** A chart is plain data: a Vega-Lite specification with its data inside. */
export type ChartSpec = TopLevelSpec;
