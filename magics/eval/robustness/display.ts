import type { MimeBundle } from '../../context.ts';
import { textTable } from '../../dataset/display.ts';
import { block, details, html, table } from '../../html.ts';
import { formatDifference, formatInterval, formatPValue, formatValue } from '../format-figure.ts';
import type { Metric } from '../metrics/metric.ts';
import type { Robustness } from './robustness.ts';

const shownExamples = 10;

/** Robustness on screen: each metric as it is and after each change, with the difference; then answers that got worse. */
export function robustnessBundle(
  { model, byKind, commit }: Robustness,
  metrics: readonly Metric[],
  task: string,
): MimeBundle {
  const columns = ['questions', ...metrics.flatMap(({ title }) => [title, 'difference'])];
  const plain = byKind[0]!.scored.baselineMetrics!;
  const rows = [
    ['as they are', ...metrics.flatMap((metric) => [formatValue(metric, plain[metric.name]!.value), ''])],
    ...byKind.map(({ kind, scored }) => [
      kind,
      ...metrics.flatMap((metric) => {
        const difference = scored.differences![metric.name]!;
        const words = [
          formatDifference(metric, difference.value),
          formatInterval(metric, difference),
          formatPValue(difference.pValue),
        ];
        return [formatValue(metric, scored.metrics[metric.name]!.value), words.filter(Boolean).join(' ')];
      }),
    ]),
  ];
  const [first] = metrics as [Metric];
  const sign = first.better === 'higher' ? 1 : -1;
  const loss = ({ scored }: Robustness['byKind'][number]) => sign * (scored.differences![first.name]!.value ?? 0);
  const worst = byKind.reduce((a, b) => (loss(b) < loss(a) ? b : a));
  const most = worst.scored.differences![first.name]!.value;
  const headline = `${model} on ${task} written otherwise: ${first.title} changes most with ${worst.kind}, ${formatDifference(first, most)}; committed ${commit.slice(0, 7)}`;
  const parts = [
    table(
      columns.map((name) => ({ name })),
      rows,
    ),
    ...byKind.map((one) => examples(one, first)),
    details(
      'How it was computed',
      html`<ul>${metrics.map((m) => html`<li>${m.title}: <code>${m.signature}</code></li>`)}</ul>`,
    ),
  ];
  return block(headline, parts, textTable(columns, rows));
}

/** Questions whose answer changed. */
function examples({ kind, scored }: Robustness['byKind'][number], metric: Metric) {
  const changed = scored.samples.filter(({ prediction, baseline }) => prediction !== baseline);
  const columns = ['question as asked', 'right answer', 'answer', 'answer to the question as it was', metric.title];
  const rows = changed
    .slice(0, shownExamples)
    .map(({ input, reference, prediction, baseline, scores }) => [
      input,
      reference,
      prediction,
      baseline,
      scores[metric.name],
    ]);
  return details(
    `${kind}: ${changed.length} of ${scored.samples.length} answers changed`,
    table(
      columns.map((name) => ({ name })),
      rows,
    ),
  );
}
