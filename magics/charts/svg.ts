import { escapeHtml } from '../html.ts';
import type { ChartSpec } from './spec.ts';

/** Draws the chart as SVG markup. Needs no canvas and no eval; loads vega when first called. */
export async function toSvg(spec: ChartSpec): Promise<string> {
  const [vega, { compile }, { expressionInterpreter }] = await loadVega();
  const runtime = vega.parse(compile(still(spec)).spec, undefined, { ast: true });
  const view = new vega.View(runtime, { expr: expressionInterpreter, renderer: 'none' });
  try {
    return described(await view.toSVG(), spec.description ?? '');
  } finally {
    view.finalize();
  }
}

/** Loads what draws, which takes a moment: where a chart will be drawn at the end of long work, that may come first. */
export function loadVega() {
  return Promise.all([import('vega'), import('vega-lite'), import('vega-interpreter')]);
}

/** Without the layers that only answer the pointer. */
function still(spec: ChartSpec): ChartSpec {
  if (!('layer' in spec)) return spec;
  return { ...spec, layer: spec.layer.filter((layer) => layer.name !== 'hover') };
}

/** The picture as one image that a screen reader reads out by its description. */
function described(svg: string, description: string): string {
  return svg.replace('<svg ', () => `<svg role="img" aria-label="${escapeHtml(description)}" `);
}
