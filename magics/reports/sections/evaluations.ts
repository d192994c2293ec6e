import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { intervalChart } from '../../charts/index.ts';
import { formatFigure } from '../../governance/format-figure.ts';
import { headlineMetric } from '../../governance/headline.ts';
import type { EvalRecord } from '../../governance/records.ts';
import type { RecordStore } from '../../governance/store.ts';
import { details, type Html, html, table } from '../../html.ts';
import { renderChart } from '../render-output.ts';
import { compareFigures, evaluationSentence } from '../verdict.ts';

const sample = z.looseObject({
  input: z.string(),
  reference: z.string(),
  prediction: z.string(),
  scores: z.record(z.string(), z.number().nullable()).default({}),
});
type Sample = z.output<typeof sample>;

const worstCount = 10;

/** Evaluations: every metric with its interval beside the baseline, slices, and the worst examples. */
export async function evaluationSections(store: RecordStore, records: readonly EvalRecord[]): Promise<Html[]> {
  return Promise.all(records.map((record) => evaluationSection(store, record)));
}

async function evaluationSection(store: RecordStore, record: EvalRecord): Promise<Html> {
  const samples = await readSamples(store, record);
  return html`<article><h3>${record.model} on ${record.task}</h3><p>${evaluationSentence(record)}</p>${await metricChart(record)}${metricTable(record)}${sliceTable(record)}${samples === undefined ? html`<p class="note">The per-sample results are not in this copy of the repository.</p>` : worstExamples(record, samples)}<p class="note">Record <code>${record.id}</code>, seed ${record.seed}, ${Math.round(record.seconds)} s.</p></article>`;
}

function metricTable({ metrics, baselineMetrics, differences }: EvalRecord): Html {
  const rows = Object.entries(metrics).map(([name, figure]) => {
    const baseline = baselineMetrics?.[name];
    const verdict = compareFigures(name, figure, baseline, differences?.[name]);
    return [
      name,
      formatFigure(figure),
      ...(baselineMetrics === undefined ? [] : [baseline === undefined ? '' : formatFigure(baseline), verdict]),
      figure.n ?? '',
    ];
  });
  const columns = ['metric', 'value', ...(baselineMetrics === undefined ? [] : ['baseline', 'verdict']), 'samples'];
  return table(
    columns.map((name) => ({ name })),
    rows,
  );
}

/** Only metrics between 0 and 1 share an axis; others stay in the table. */
async function metricChart({ model, baseline, metrics, baselineMetrics = {} }: EvalRecord): Promise<Html> {
  const series = [
    ...Object.entries(metrics).map(([label, figure]) => ({ label, figure, series: model })),
    ...Object.entries(baselineMetrics).map(([label, figure]) => ({ label, figure, series: baseline ?? 'baseline' })),
  ];
  const shown = series.filter(({ figure }) => figure.value !== null && figure.value >= 0 && figure.value <= 1);
  if (shown.length === 0) return html``;
  const intervals = shown.map(({ label, figure, series: name }) => ({
    label,
    series: name,
    value: figure.value,
    low: figure.low,
    high: figure.high,
  }));
  const chart = intervalChart({
    title: 'Metrics with their confidence intervals',
    category: { title: 'metric' },
    value: { title: 'score' },
    intervals,
    domain: [0, 1],
  });
  return renderChart(chart);
}

function sliceTable({ slices }: EvalRecord): Html {
  if (slices === undefined || slices.length === 0) return html``;
  const names = [...new Set(slices.flatMap((slice) => Object.keys(slice.metrics)))];
  const rows = slices.map(({ column, value, metrics }) => [
    column,
    value,
    ...names.map((name) => (metrics[name] === undefined ? '' : formatFigure(metrics[name]))),
  ]);
  const columns = ['column', 'value', ...names].map((name) => ({ name }));
  return details('By group', table(columns, rows));
}

function worstExamples({ metrics }: EvalRecord, samples: readonly Sample[]): Html {
  const metric = headlineMetric(metrics)?.name ?? '';
  const scored = samples.map((s) => ({ ...s, score: s.scores[metric] ?? null }));
  const worst = scored
    .filter((s) => s.score !== null && s.prediction !== s.reference)
    .sort((a, b) => a.score! - b.score!)
    .slice(0, worstCount);
  if (worst.length === 0) return html`<p>No wrong answers among ${samples.length} samples.</p>`;
  const rows = worst.map((s) => [s.input, s.reference, s.prediction, s.score]);
  const columns = ['input', 'expected', 'answered', metric].map((name) => ({ name }));
  return html`<h4>Worst ${worst.length} of ${samples.length} samples by ${metric}</h4>${table(columns, rows)}`;
}

async function readSamples(store: RecordStore, record: EvalRecord): Promise<Sample[] | undefined> {
  const file = await store.objects.file(record.samples).catch(() => undefined);
  if (file === undefined) return undefined;
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.flatMap((line) => {
    const parsed = sample.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  });
}
