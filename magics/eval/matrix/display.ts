import type { MimeBundle } from '../../context.ts';
import { textTable } from '../../dataset/display.ts';
import { block, details, html, table } from '../../html.ts';
import { formatInterval, formatValue } from '../format-figure.ts';
import { costMetric, latencyMetric } from '../metrics/latency.ts';
import type { Metric } from '../metrics/metric.ts';
import type { MatrixCell } from './run-matrix.ts';

const shownCases = 50;

/** A matrix on screen: a row for each prompt with each model, best first by the first metric; then case by case. */
export function matrixBundle(
  cells: readonly MatrixCell[],
  metrics: readonly Metric[],
  { task, commit }: { task: string; commit?: string },
): MimeBundle {
  const [first] = metrics as [Metric];
  const sign = first.better === 'higher' ? -1 : 1;
  const rank = ({ figures }: MatrixCell) => figures[first.name]!.value ?? Number.POSITIVE_INFINITY * sign;
  const sorted = [...cells].sort((a, b) => sign * (rank(a) - rank(b)));
  const columns = ['prompt', 'model', ...metrics.map(({ title }) => title), 'latency, s', 'cost', 'answered before'];
  const rows = sorted.map((cell) => [
    cell.prompt,
    cell.model,
    ...metrics.map((metric) => {
      const figure = cell.figures[metric.name]!;
      return `${formatValue(metric, figure.value)} ${formatInterval(metric, figure)}`.trim();
    }),
    known(latencyMetric, cell),
    known(costMetric, cell),
    `${cell.cached} of ${cell.samples.length}`,
  ]);
  const best = sorted[0]!;
  const committed = commit === undefined ? '' : `; committed ${commit.slice(0, 7)}`;
  const headline = `${task}: best is ${best.prompt} with ${best.model}, ${first.title} ${formatValue(first, best.figures[first.name]!.value)}${committed}`;
  const parts = [
    table(
      columns.map((name) => ({ name })),
      rows,
    ),
    caseTable(cells, first),
    details(
      'How it was computed',
      html`<ul>${metrics.map((m) => html`<li>${m.title}: <code>${m.signature}</code></li>`)}</ul>`,
    ),
  ];
  return block(headline, parts, textTable(columns, rows));
}

/** Each case with every answer. */
function caseTable(cells: readonly MatrixCell[], metric: Metric) {
  const cases = cells[0]!.samples;
  const columns = ['input', 'right answer', ...cells.map(({ prompt, model }) => `${prompt} / ${model}`)];
  const rows = cases.slice(0, shownCases).map((one, i) => [
    one.input,
    one.reference,
    ...cells.map(({ samples }) => {
      const score = samples[i]!.scores[metric.name];
      return `${samples[i]!.prediction}${typeof score === 'number' ? ` (${formatValue(metric, score)})` : ''}`;
    }),
  ]);
  const more = cases.length > shownCases ? `, the first ${shownCases}` : '';
  return details(
    `Case by case (${cases.length}${more})`,
    table(
      columns.map((name) => ({ name })),
      rows,
    ),
  );
}

/** A figure, or a dash where nothing was measured. */
function known(metric: Metric, { figures }: MatrixCell): string {
  const value = figures[metric.name]!.value;
  return value === null ? '–' : formatValue(metric, value);
}
