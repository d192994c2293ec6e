import type { ActivationFunction } from 'vscode-notebook-renderer';
import { type Chart, createChart } from './chart.ts';
import { onThemeChange } from './theme.ts';

/** Draws Vega-Lite outputs. An output that is updated keeps its element, so its chart is updated too. */
export const activate: ActivationFunction = () => {
  const charts = new Map<string, { element: HTMLElement; chart: Chart }>();
  onThemeChange(() => {
    for (const { chart } of charts.values()) void chart.redraw();
  });
  return {
    renderOutputItem: async (item, element) => {
      let shown = charts.get(item.id);
      if (shown?.element !== element) {
        shown?.chart.dispose();
        shown = { element, chart: createChart(element) };
        charts.set(item.id, shown);
      }
      await shown.chart.show(item.json());
    },
    disposeOutputItem: (id) => {
      for (const [key, { chart }] of charts) {
        if (id !== undefined && key !== id) continue;
        chart.dispose();
        charts.delete(key);
      }
    },
  };
};
