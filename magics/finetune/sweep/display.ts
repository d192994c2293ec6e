import { formatNumber } from '../../charts/chart.ts';
import { type ChartSpec, parallelChart, tradeoffChart } from '../../charts/index.ts';
import type { MimeBundle } from '../../context.ts';
import type { Sweep } from '../../handles.ts';
import { block, Html, html, table } from '../../html.ts';
import type { JobPrice } from '../../jobs/index.ts';
import type { MetricName } from './options.ts';
import { bestOf, paretoFront } from './pareto.ts';
import { describeAssignment, formatValue } from './plan-trials.ts';
import type { Trial } from './trial.ts';

/** What is compared, and how it is called. */
export interface Comparison {
  readonly metric: MetricName;
  readonly goal: Sweep['metric']['goal'];
  /** What an hour costs, where that is known. */
  readonly price?: JobPrice;
}

/** `validation loss` */
export function metricWords(metric: MetricName): string {
  return metric.replaceAll('_', ' ');
}

/** Quality against cost. `title` is the finding. */
export function comparisonChart(trials: readonly Trial[], comparison: Comparison): ChartSpec | undefined {
  const measured = trials.filter(({ value }) => value !== null);
  if (measured.length === 0) return undefined;
  const { metric, goal, price } = comparison;
  const front = new Set(paretoFront(measured, goal));
  const words = metricWords(metric);
  const rate = price === undefined ? 1 : price.perHour / 3600;
  const points = measured.map((trial) => ({
    label: `trial ${trial.number}: ${describeAssignment(trial.assignment)}`,
    cost: trial.seconds * rate,
    value: trial.value!,
    isOnFront: front.has(trial),
    status: trial.status,
  }));
  const unit = metric.endsWith('loss') ? { unit: 'nats per token' } : { format: '.0%' };
  return tradeoffChart({
    title: findingOf(measured, comparison),
    cost:
      price === undefined
        ? { title: 'Training time', unit: 's' }
        : { title: 'Cost', unit: price.currency || undefined },
    value: { title: words.charAt(0).toUpperCase() + words.slice(1), ...unit },
    points,
  });
}

/** Which settings go with which quality. */
export function settingsChart(trials: readonly Trial[], { metric, goal }: Comparison, logarithmic: readonly string[]) {
  const measured = trials.filter(({ value }) => value !== null);
  const axes = Object.keys(trials[0]?.assignment ?? {});
  const values = measured.map(({ value }) => value!);
  if (measured.length < 2) return undefined;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const rank = (value: number) => {
    const share = (value - low) / (high - low || 1);
    return goal === 'minimize' ? 1 - share : share;
  };
  const best = bestOf(measured, goal)!;
  return parallelChart({
    title: `Best ${metricWords(metric)} at ${describeAssignment(best.assignment)}`,
    axes: [...axes, metricWords(metric)],
    logarithmic,
    lines: measured.map((trial) => ({
      label: `trial ${trial.number}`,
      values: { ...labelsOf(trial), [metricWords(metric)]: trial.value! },
      rank: rank(trial.value!),
    })),
  });
}

/** What a sweep shows when it is over: what came out, and every trial, best first. */
export function sweepBlock(
  headline: string,
  notes: readonly string[],
  trials: readonly Trial[],
  comparison: Comparison,
): MimeBundle {
  const { columns, rows } = trialTable(trials, comparison);
  const list = notes.length === 0 ? new Html('') : html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`;
  const lines = alignColumns([columns.map(({ name }) => name), ...rows]);
  return block(headline, [list, table(columns, rows)], [...notes, ...lines]);
}

/** The rows in plain text, each column as wide as its widest cell; the last may be as long as it likes. */
function alignColumns(rows: readonly (readonly (string | number | null)[])[]): string[] {
  const texts = rows.map((row) => row.map((cell) => String(cell ?? '-')));
  const widths = texts[0]!.map((_, i) => Math.max(...texts.map((row) => row[i]!.length)));
  return texts.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}`.trimEnd());
}

function trialTable(trials: readonly Trial[], { metric, goal }: Comparison) {
  const sign = goal === 'minimize' ? 1 : -1;
  const order = (trial: Trial) => (trial.value === null ? Number.POSITIVE_INFINITY : sign * trial.value);
  const sorted = [...trials].sort(
    (a, b) =>
      Number(b.status === 'succeeded') - Number(a.status === 'succeeded') || order(a) - order(b) || a.number - b.number,
  );
  const front = new Set(paretoFront(trials, goal));
  const names = Object.keys(trials[0]?.assignment ?? {});
  const columns = ['trial', ...names, metricWords(metric), 'evaluations', 'seconds', 'outcome'];
  const rows = sorted.map((trial) => [
    trial.number,
    ...names.map((name) => settingOf(trial.assignment[name])),
    trial.value === null ? null : Number(trial.value.toPrecision(4)),
    trial.evaluations,
    Math.round(trial.seconds),
    outcomeOf(trial, front.has(trial)),
  ]);
  return { columns: columns.map((name) => ({ name })), rows };
}

function outcomeOf({ status, reason }: Trial, isOnFront: boolean): string {
  const said = reason === undefined ? status : `${status}: ${reason}`;
  return isOnFront ? `${said} (Pareto front)` : said;
}

function findingOf(trials: readonly Trial[], { metric, goal }: Comparison): string {
  const best = bestOf(trials, goal)!;
  const value = `${metricWords(metric)} ${formatNumber(best.value!)}`;
  const cheaper = trials.filter(({ seconds }) => seconds < best.seconds).length;
  const cost = cheaper === 0 ? 'nothing was cheaper' : `${cheaper} of ${trials.length} were cheaper`;
  return `Trial ${best.number} is best (${value}); ${cost}`;
}

function labelsOf({ assignment }: Trial): Record<string, number | string> {
  return Object.fromEntries(Object.entries(assignment).map(([name, value]) => [name, settingOf(value)]));
}

function settingOf(value: unknown): number | string {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : formatValue(value);
}
