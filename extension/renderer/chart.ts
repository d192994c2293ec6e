import { type Loader, loader, parse, type Runtime, type Spec, View } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { compile } from 'vega-lite';
import type { ChartSpec } from '../../magics/charts/spec.ts';
import { forClient } from '../../magics/charts/theme.ts';
import { separateData } from './data.ts';
import { style } from './style.ts';
import { currentColors } from './theme.ts';
import { createTooltip } from './tooltip.ts';

/** One chart on screen. */
export interface Chart {
  /** Draws the specification; when only data differ from the one before, moves the drawn chart to them. */
  show(spec: ChartSpec): Promise<void>;
  /** Draws again in the current colours and width. */
  redraw(): Promise<void>;
  dispose(): void;
}

/** Draws into `element`. Calls are done one after the other; of several that wait only the last is drawn. */
export function createChart(element: HTMLElement): Chart {
  element.replaceChildren();
  const holder = document.createElement('div');
  holder.className = 'llmops-chart';
  element.append(style(), holder);
  const tooltip = createTooltip();
  let spec: ChartSpec | undefined;
  let drawn: { view: View; shape: string; width: number } | undefined;
  let drawing: Promise<void> = Promise.resolve();

  async function draw(wanted: ChartSpec): Promise<void> {
    if (wanted !== spec) return;
    const { shape, datasets } = separateData(wanted);
    const width = holder.clientWidth;
    if (drawn !== undefined && drawn.width === width && drawn.shape === JSON.stringify(shape)) {
      for (const [name, rows] of Object.entries(datasets)) drawn.view.data(name, rows);
      await drawn.view.runAsync();
      return;
    }
    const next = await embed(holder, wanted, width, tooltip.handler);
    drawn?.view.finalize();
    drawn = { view: next, shape: JSON.stringify(shape), width };
  }
  const queue = (wanted: ChartSpec) => {
    drawing = drawing.then(() => draw(wanted)).catch((error) => explain(holder, error));
    return drawing;
  };
  const redraw = async () => {
    if (spec === undefined) return;
    if (drawn !== undefined) drawn.shape = '';
    await queue(spec);
  };
  const resizing = new ResizeObserver(() => {
    if (drawn !== undefined && Math.abs(holder.clientWidth - drawn.width) > 2) void redraw();
  });
  resizing.observe(holder);

  return {
    show: (wanted) => {
      spec = wanted;
      return queue(wanted);
    },
    redraw,
    dispose: () => {
      resizing.disconnect();
      tooltip.hide();
      drawn?.view.finalize();
    },
  };
}

/** Draws beside what is shown and swaps when it is ready: nothing flickers. No `eval`, no network. */
async function embed(
  holder: HTMLElement,
  spec: ChartSpec,
  width: number,
  tooltip: (view: unknown, event: MouseEvent, item: unknown, value: unknown) => void,
): Promise<View> {
  const canvas = document.createElement('div');
  canvas.tabIndex = 0;
  const runtime: Runtime = parse(toVega(spec, width), undefined, { ast: true } as never);
  const view = new View(runtime, {
    expr: expressionInterpreter,
    loader: closedLoader(),
    renderer: 'svg',
    container: canvas,
    hover: true,
    tooltip,
  } as never);
  await view.runAsync();
  holder.replaceChildren(canvas);
  return view;
}

/** Width in pixels of a chart whose views are linked, as `linkedChart` draws it. */
const linkedPixels = 600;

/** Fits single, layered and linked charts to the width of the cell, up to their own; facets keep theirs. */
function toVega(spec: ChartSpec, available: number): Spec {
  const given = 'width' in spec && typeof spec.width === 'number' ? spec.width : undefined;
  const own = 'vconcat' in spec ? linkedPixels : given;
  const fits = ('width' in spec || 'vconcat' in spec) && available > 0 && (own === undefined || own > available);
  return compile(forClient(spec, currentColors(), fits ? available : undefined)).spec;
}

/** Refuses every address: a chart carries its data. */
function closedLoader(): Loader {
  const refuse = (uri: string) => Promise.reject(new Error(`Charts load nothing from outside: ${uri}`));
  return { ...loader(), load: refuse, sanitize: refuse, http: refuse, file: refuse };
}

function explain(holder: HTMLElement, error: unknown): void {
  const text = document.createElement('p');
  text.className = 'llmops-chart-error';
  text.textContent = `This chart cannot be drawn. ${error instanceof Error ? error.message : String(error)}`;
  holder.replaceChildren(text);
}
