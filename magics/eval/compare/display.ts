import { intervalChart } from '../../charts/interval.ts';
import type { ChartSpec } from '../../charts/spec.ts';
import type { MimeBundle } from '../../context.ts';
import { textTable } from '../../dataset/display.ts';
import { block, details, Html, html, table } from '../../html.ts';
import { formatDifference, formatInterval, formatPValue, formatValue } from '../format-figure.ts';
import type { ChangedSample, Comparison } from './compare.ts';
import { diffWords } from './diff-words.ts';

const shownSamples = 50;
/** Colours that read on light and dark backgrounds alike. */
const marks = {
  both: '',
  old: 'background:rgba(220,60,60,.25);text-decoration:line-through',
  new: 'background:rgba(60,170,90,.25)',
};

/** A comparison on screen: figures with differences, then the answers that changed, differences marked word by word. */
export function comparisonBundle(comparison: Comparison): MimeBundle {
  const { first, second, metrics, fixed, broken, changed } = comparison;
  const columns = ['metric', first.id, second.id, 'difference', '95% interval', 'p'];
  const rows = metrics.map(({ metric, first: one, second: other, difference }) => [
    metric.title,
    formatValue(metric, one.value),
    formatValue(metric, other.value),
    difference === null ? 'not testable from the answers' : formatDifference(metric, difference.value),
    difference === null ? '' : formatInterval(metric, difference),
    difference === null ? '' : formatPValue(difference.pValue),
  ]);
  const headline = `${versus(comparison)} on ${first.task}: ${fixed.length} answers better, ${broken.length} worse, ${changed.length} otherwise changed`;
  const parts = [
    table(
      columns.map((name) => ({ name })),
      rows,
    ),
    samplesTable('Worse', broken),
    samplesTable('Better', fixed),
    samplesTable('Otherwise changed', changed),
    details(
      'How it was computed',
      html`<ul>${metrics.map((m) => html`<li>${m.metric.title}: <code>${m.difference?.signature ?? m.metric.signature}</code></li>`)}</ul>`,
    ),
  ];
  return block(headline, parts, textTable(columns, rows));
}

/** Both evaluations' figures with their intervals, those on a common scale; undefined where there is none. */
export function comparisonChart(comparison: Comparison): ChartSpec | undefined {
  const { first, second, metrics } = comparison;
  const shown = metrics.filter(({ metric }) => metric.unit !== 'ratio');
  if (shown.length === 0) return undefined;
  const [{ metric }] = shown as [(typeof shown)[number]];
  return intervalChart({
    title: `${versus(comparison)}: ${metric.title} ${formatValue(metric, shown[0]!.second.value)} and ${formatValue(metric, shown[0]!.first.value)}`,
    category: { title: 'metric' },
    value: { title: 'score', unit: '% or points, 95% interval' },
    intervals: shown.flatMap(({ metric: { title, unit }, first: one, second: other }) =>
      [
        { series: first.id, figure: one },
        { series: second.id, figure: other },
      ].map(({ series, figure }) => {
        const scale = (value: number) => (unit === 'share' ? value * 100 : value);
        const { value, low, high } = figure;
        return {
          label: title,
          series,
          value: value === null ? null : scale(value),
          ...(low !== undefined && high !== undefined && { low: scale(low), high: scale(high) }),
        };
      }),
    ),
  });
}

/** The models by name, or the evaluations where both are of one model. */
function versus({ first, second }: Comparison): string {
  return first.model === second.model ? `${second.id} against ${first.id}` : `${second.model} against ${first.model}`;
}

function samplesTable(title: string, samples: readonly ChangedSample[]): Html {
  if (samples.length === 0) return html``;
  const columns = ['input', 'right answer', 'first answer → second', 'score'];
  const rows = samples.slice(0, shownSamples).map(({ input, reference, first, second, scores }) => {
    const cells = [input, reference, diffHtml(first, second), scores.map(formatScore).join(' → ')];
    return html`<tr>${cells.map((cell) => html`<td style="padding:2px 8px;vertical-align:top;text-align:left;white-space:pre-wrap">${cell}</td>`)}</tr>`;
  });
  const head = html`<tr>${columns.map((name) => html`<th style="padding:2px 8px;text-align:left">${name}</th>`)}</tr>`;
  const more = samples.length > shownSamples ? `, the first ${shownSamples}` : '';
  return details(
    `${title} (${samples.length}${more})`,
    html`<table><thead>${head}</thead><tbody>${rows}</tbody></table>`,
  );
}

/** The second answer with what it lost and gained against the first marked. */
function diffHtml(first: string, second: string): Html {
  return html`${diffWords(first, second).map(({ text, in: side }) =>
    side === 'both' ? text : html`<span style="${new Html(marks[side])}">${text}</span>`,
  )}`;
}

function formatScore(score: number | null): string {
  return score === null ? 'undetermined' : String(Number(score.toPrecision(3)));
}
