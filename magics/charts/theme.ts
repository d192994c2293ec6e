import type { Config } from 'vega-lite';
import { resizeLinked } from './resize-linked.ts';
import type { ChartSpec } from './spec.ts';
import { titleLines } from './title.ts';

/**
 * Categorical colours that people with any common colour vision can tell apart, on white and on dark backgrounds.
 * Source: Okabe and Ito (2008), without black and yellow, blue lightened so that it stands out on dark.
 */
export const palette = [
  '#2a82c9',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#e69f00',
  '#56b4e9',
  '#8c6bb1',
  '#7f7f7f',
] as const;

/** The colours of whatever shows a chart: CSS colours. */
export interface ClientColors {
  /** Titles and labels. */
  foreground: string;
  /** Grid and axis lines. */
  grid: string;
}

/** Greys that can be read on white and on dark backgrounds alike: for clients that say nothing of their colours. */
const neutral: ClientColors = { foreground: '#7a7a7a', grid: '#80808040' };

/** The look of every chart: transparent background, quiet axes, the palette. */
export const theme: Config = { ...look(), ...colored(neutral) };

/**
 * The same chart in the colours of the client that shows it and, where given, in its width in pixels: the title is
 * broken anew to fit. `container` lets the plot follow its element.
 */
export function forClient(spec: ChartSpec, colors: ClientColors, width?: number | 'container'): ChartSpec {
  const config = { ...spec.config, ...look(), ...colored(colors) };
  if ('vconcat' in spec && typeof width === 'number') return { ...resizeLinked(spec, width), config } as ChartSpec;
  const title = [spec.title].flat().join(' ');
  const size = width === undefined ? {} : { width, title: titleLines(title, width === 'container' ? 600 : width) };
  return { ...spec, ...size, config } as ChartSpec;
}

function look(): Config {
  return {
    background: 'transparent',
    font: 'system-ui, "Segoe UI", Helvetica, Arial, sans-serif',
    range: { category: [...palette] },
    view: { stroke: null },
    line: { strokeWidth: 1.75 },
    mark: { color: palette[0] },
  };
}

function colored({ foreground, grid }: ClientColors): Config {
  const labels = { labelColor: foreground, titleColor: foreground, labelFontSize: 11, titleFontSize: 11 };
  return {
    axis: {
      ...labels,
      titleFontWeight: 'normal',
      gridColor: grid,
      domainColor: grid,
      tickColor: grid,
      labelLimit: 300,
      maxExtent: 330,
      labelPadding: 6,
    },
    legend: { ...labels, title: null, orient: 'top', symbolStrokeWidth: 2, labelLimit: 300 },
    title: { color: foreground, fontSize: 13, fontWeight: 600, anchor: 'start', offset: 10 },
    text: { color: foreground, fontSize: 11 },
    rule: { color: foreground },
  };
}
