import type { ChartSpec } from './spec.ts';
import { theme } from './theme.ts';
import { titleLines } from './title.ts';

/** What an axis shows: `Loss (nats per token)`. */
export interface Axis {
  readonly title: string;
  readonly unit?: string;
  readonly scale?: 'linear' | 'log';
  /** D3 format of the tick labels, for example `.0%`. */
  readonly format?: string;
}

/** What every chart says in words. */
export interface ChartText {
  /** What the chart shows, as a finding: "Validation loss stops falling at step 420". */
  readonly title: string;
  /** What a screen reader says; made from the title, the axes and the data when absent. */
  readonly description?: string;
  /** Width of the plot, pixels; 600 when absent. Clients may stretch it. */
  readonly width?: number;
}

/** The axis' title with its unit in parentheses. */
export function axisTitle({ title, unit }: Axis): string {
  return unit === undefined ? title : `${title} (${unit})`;
}

/** A whole specification: the theme, title and description around the parts that make a kind of chart. */
export function chart(text: ChartText, described: string, parts: Record<string, unknown>): ChartSpec {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    title: titleLines(text.title, text.width ?? 600),
    description: text.description ?? `${text.title}. ${described}`,
    width: text.width ?? 600,
    autosize: { type: 'fit-x', contains: 'padding' },
    config: theme,
    ...parts,
  } as ChartSpec;
}

/** A figure for people: at most four significant digits, thousands grouped. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return 'missing';
  const small = value !== 0 && Math.abs(value) < 1e-3;
  return small ? value.toExponential(1) : value.toLocaleString('en-US', { maximumSignificantDigits: digits(value) });
}

function digits(value: number): number {
  return Math.max(4, Math.trunc(Math.abs(value)).toString().length);
}
