import { type MimeBundle, mime } from '../context.ts';
import type { ChartSpec } from './spec.ts';
import { toSvg } from './svg.ts';

/**
 * What clients show of a chart: Vega-Lite where they can draw it, an SVG twin elsewhere, and words.
 * `svg: false` leaves the twin out: for the frames of a live chart (drawing takes about 40 ms).
 */
export async function chartBundle(spec: ChartSpec, options: { svg?: boolean } = {}): Promise<MimeBundle> {
  return {
    [mime.vegaLite]: spec,
    ...(options.svg === false ? {} : { [mime.svg]: await toSvg(spec) }),
    [mime.text]: spec.description ?? '',
  };
}
