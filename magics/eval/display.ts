import { chartBundle } from '../charts/bundle.ts';
import { type Interval, intervalChart } from '../charts/interval.ts';
import type { ChartSpec } from '../charts/spec.ts';
import type { MimeBundle } from '../context.ts';
import { textTable } from '../dataset/display.ts';
import type { Figure } from '../governance/record-parts.ts';
import type { EvalRecord } from '../governance/records.ts';
import { block, details, type Html, html, table } from '../html.ts';
import { formatDifference, formatInterval, formatPValue, formatValue } from './format-figure.ts';
import type { Metric } from './metrics/metric.ts';
import type { RecordedEval } from './record.ts';
import type { SampleResult, Scored } from './score-answers.ts';
import type { EvalSetting } from './setting.ts';

/** What the output of an evaluation is made from. */
export interface EvalOutput extends RecordedEval {
  readonly setting: EvalSetting;
  readonly scored: Scored;
  readonly findings: readonly string[];
  /** True when the answers come from a job that had finished before. */
  readonly reused: boolean;
}

const shownExamples = 20;
const shownSlices = 25;

/** `cron-lora@v1.0.0: exact match 93.1% [91.2, 94.8], +93.1 over base; 61 s on cpu; committed 4f2a9c1` */
export function evalHeadline({ record, setting: { metrics }, scored, commit, reused }: EvalOutput): string {
  const figures = metrics.slice(0, 3).map((metric) => {
    const figure = scored.metrics[metric.name]!;
    const difference = scored.differences?.[metric.name];
    const over = difference && `, ${formatDifference(metric, difference.value)} over ${record.baseline}`;
    return `${metric.title} ${formatValue(metric, figure.value)} ${formatInterval(metric, figure)}${over ?? ''}`.trim();
  });
  const time = reused
    ? 'answered before, from the finished job'
    : `${record.seconds < 10 ? record.seconds.toFixed(1) : Math.round(record.seconds)} s on ${record.environment.device ?? 'cpu'}`;
  return [`${record.model}: ${figures.join('; ')}`, time, `committed ${commit.slice(0, 7)}`].join('; ');
}

/** The block of an evaluation: findings, figures beside the baseline's, groups, worst examples, signatures. */
export function evalBlock(output: EvalOutput): MimeBundle {
  const { record, scored } = output;
  const { metrics } = output.setting;
  const { columns, rows } = figureTable(output);
  const parts: Html[] = [
    output.findings.length === 0 ? html`` : html`<ul>${output.findings.map((line) => html`<li>${line}</li>`)}</ul>`,
    table(columns, rows),
    ...sliceTables(scored, metrics),
    examples(scored, metrics[0]!),
    details(
      'How it was computed',
      html`<ul>${metrics.map((m) => html`<li>${m.title}: <code>${scored.metrics[m.name]!.signature}</code></li>`)}</ul>
<p>Record <code>llmops/evals/${record.id}.json</code>, ${scored.samples.length} samples, seed ${record.seed}.</p>`,
    ),
  ];
  const text = [
    ...output.findings.map((line) => `- ${line}`),
    ...textTable(
      columns.map((c) => c.name),
      rows,
    ),
  ];
  return block(evalHeadline(output), parts, text);
}

/** The charts of an evaluation: all metrics with a common scale, then the first metric by group. */
export async function evalCharts({ record, scored, setting: { metrics } }: EvalOutput): Promise<MimeBundle[]> {
  const specs = [figureChart(record, scored, metrics), ...sliceCharts(scored, metrics[0]!)];
  return Promise.all(specs.filter((spec) => spec !== undefined).map((spec) => chartBundle(spec)));
}

function figureTable({ record, scored, setting: { metrics } }: EvalOutput) {
  const { baselineMetrics, differences } = scored;
  const columns = [{ name: 'metric' }, { name: record.model }, { name: '95% interval' }];
  if (baselineMetrics !== undefined)
    columns.push({ name: `${record.baseline}` }, { name: '95% interval' }, { name: 'difference' });
  const rows = metrics.map((metric) => {
    const cells = [metric.title, ...figureCells(metric, scored.metrics[metric.name]!)];
    if (baselineMetrics === undefined || differences === undefined) return cells;
    const difference = differences[metric.name]!;
    const words = [
      formatDifference(metric, difference.value),
      formatInterval(metric, difference),
      formatPValue(difference.pValue),
    ];
    return [...cells, ...figureCells(metric, baselineMetrics[metric.name]!), words.filter(Boolean).join(' ')];
  });
  return { columns, rows };
}

function figureCells(metric: Metric, figure: Figure): string[] {
  return [formatValue(metric, figure.value), formatInterval(metric, figure)];
}

function sliceTables({ slices }: Scored, metrics: readonly Metric[]): Html[] {
  return [...new Set(slices.map((slice) => slice.column))].map((column) => {
    const own = slices.filter((slice) => slice.column === column);
    const rows = own.map((slice) => [
      slice.value,
      slice.metrics[metrics[0]!.name]!.n ?? null,
      ...metrics.map((metric) => figureCells(metric, slice.metrics[metric.name]!).join(' ')),
    ]);
    const head = [{ name: column }, { name: 'samples' }, ...metrics.map((metric) => ({ name: metric.title }))];
    return details(`By ${column} (${own.length} groups)`, table(head, rows));
  });
}

function examples({ samples, baselineMetrics }: Scored, metric: Metric): Html {
  const worst = samples
    .filter(({ scores }) => scores[metric.name] !== null && isImperfect(metric, scores[metric.name]!))
    .sort((a, b) => order(metric, a) - order(metric, b));
  if (worst.length === 0) return html`<p>No wrong answers by ${metric.title}.</p>`;
  const columns = ['input', 'right answer', 'answer', ...(baselineMetrics ? ['baseline'] : []), metric.title];
  const rows = worst
    .slice(0, shownExamples)
    .map((sample) => [
      sample.input,
      sample.reference,
      sample.prediction,
      ...(baselineMetrics ? [sample.baseline] : []),
      formatValue(metric, sample.scores[metric.name]!),
    ]);
  const summary = `Worst answers (${Math.min(shownExamples, worst.length)} of ${worst.length} that are not perfect)`;
  return details(
    summary,
    table(
      columns.map((name) => ({ name })),
      rows,
    ),
  );
}

function isImperfect(metric: Metric, score: number): boolean {
  if (metric.better === 'lower') return score > 1;
  return metric.unit === 'points' ? score < 99.999 : score < 1;
}

function order(metric: Metric, sample: SampleResult): number {
  const score = sample.scores[metric.name] ?? 0;
  return metric.better === 'higher' ? score : -score;
}

function figureChart(record: EvalRecord, scored: Scored, metrics: readonly Metric[]): ChartSpec | undefined {
  const shown = metrics.filter((metric) => metric.unit !== 'ratio');
  if (shown.length === 0) return undefined;
  const both = [
    { series: record.model, figures: scored.metrics },
    ...(scored.baselineMetrics ? [{ series: record.baseline ?? 'baseline', figures: scored.baselineMetrics }] : []),
  ];
  const [first] = shown;
  const value = formatValue(first!, scored.metrics[first!.name]!.value);
  return intervalChart({
    title: `${record.model} reaches ${first!.title} ${value} on ${record.task}`,
    category: { title: 'metric' },
    value: { title: 'score', unit: '% or points, 95% interval' },
    intervals: shown.flatMap((metric) =>
      both.map(({ series, figures }) => ({ ...toInterval(metric, metric.title, figures[metric.name]!), series })),
    ),
  });
}

function sliceCharts({ slices }: Scored, metric: Metric): (ChartSpec | undefined)[] {
  return [...new Set(slices.map((slice) => slice.column))].map((column) => {
    const own = slices.filter((slice) => slice.column === column && slice.metrics[metric.name]!.value !== null);
    const sign = metric.better === 'higher' ? 1 : -1;
    const sorted = own.sort((a, b) => sign * (a.metrics[metric.name]!.value! - b.metrics[metric.name]!.value!));
    if (sorted.length === 0) return undefined;
    const shown = sorted.slice(0, shownSlices);
    const rest = sorted.length > shown.length ? `, the ${shown.length} weakest of ${sorted.length}` : '';
    return intervalChart({
      title: `${metric.title} by ${column}${rest}: weakest at ${shown[0]!.value}`,
      category: { title: column },
      value: { title: metric.title, unit: `${metric.unit === 'share' ? '%, ' : ''}95% interval` },
      intervals: shown.map((slice) => toInterval(metric, slice.value, slice.metrics[metric.name]!)),
    });
  });
}

function toInterval(metric: Metric, label: string, { value, low, high }: Figure): Interval {
  const scale = (x: number) => (metric.unit === 'share' ? x * 100 : x);
  return {
    label,
    value: value === null ? null : scale(value),
    ...(low !== undefined && high !== undefined && { low: scale(low), high: scale(high) }),
  };
}
