import { chartBundle } from '../charts/bundle.ts';
import { histogramChart } from '../charts/histogram.ts';
import { lineChart } from '../charts/line.ts';
import type { ChartSpec } from '../charts/spec.ts';
import type { MimeBundle } from '../context.ts';
import { textTable } from '../dataset/display.ts';
import type { LoggedRequest } from '../deploy/logs.ts';
import { block, html, table } from '../html.ts';
import { type DriftResult, lengthOf } from './drift.ts';
import type { ReferenceInputs } from './reference-inputs.ts';
import { type Percentiles, requestsOverTime, type Traffic } from './traffic.ts';

/** What `%monitor` shows. */
export interface MonitorOutput {
  readonly name: string;
  readonly model: string;
  readonly traffic: Traffic;
  readonly requests: readonly LoggedRequest[];
  readonly drift: readonly DriftResult[];
  readonly reference: ReferenceInputs;
  readonly findings: readonly string[];
}

/** `cronApi: 1,234 requests, 0.2% errors, latency p95 84 ms; no drift against schedules.train` */
export function monitorHeadline({ name, traffic, drift, reference }: MonitorOutput): string {
  const { requests, errorRate, latencyMs, feedback } = traffic;
  const facts = [
    `${requests.toLocaleString('en-US')} request${requests === 1 ? '' : 's'}`,
    ...(errorRate === null ? [] : [`${(errorRate * 100).toFixed(1)}% errors`]),
    ...(latencyMs === null ? [] : [`latency p95 ${milliseconds(latencyMs.p95)}`]),
    ...(feedback.up + feedback.down === 0 ? [] : [`${feedback.up} up, ${feedback.down} down`]),
  ];
  return `${name}: ${facts.join(', ')}; ${driftVerdict(drift, reference)}`;
}

/** Figures, drift and findings of a deployment. */
export function monitorBlock(output: MonitorOutput): MimeBundle {
  const { traffic, drift, reference, findings, model } = output;
  const figures = figureRows(traffic);
  const list = findings.length === 0 ? html`` : html`<ul>${findings.map((line) => html`<li>${line}</li>`)}</ul>`;
  const driftColumns = ['inputs', 'verdict', 'evidence', 'PSI', 'p', 'test'];
  const driftRows = drift.map(({ title, verdict, detail, psi, pValue, test }) => [
    title,
    verdict,
    detail,
    psi === null ? null : Number(psi.toFixed(3)),
    pValue === null ? null : Number(pValue.toPrecision(2)),
    test,
  ]);
  const against =
    'dataset' in reference
      ? `Inputs compared with ${reference.inputs.length.toLocaleString('en-US')} of the training data "${reference.dataset}" of ${model}.`
      : `Inputs are not compared with training data: ${reference.unknown}.`;
  return block(
    monitorHeadline(output),
    [
      list,
      table(
        figureColumns.map((name) => ({ name })),
        figures,
      ),
      html`<p><small>${against}</small></p>`,
      drift.length === 0
        ? html``
        : table(
            driftColumns.map((name) => ({ name })),
            driftRows,
          ),
    ],
    [
      ...findings.map((line) => `- ${line}`),
      ...textTable(figureColumns, figures),
      against,
      ...(drift.length === 0 ? [] : textTable(driftColumns, driftRows)),
    ],
  );
}

/** Requests over time, latency, and input lengths beside the training data's. */
export async function monitorCharts(output: MonitorOutput): Promise<MimeBundle[]> {
  if (output.requests.length === 0) return [];
  const specs = [trafficChart(output), latencyChart(output), lengthChart(output)];
  return Promise.all(specs.filter((spec) => spec !== undefined).map((spec) => chartBundle(spec)));
}

const figureColumns = ['figure', 'p50', 'p95', 'p99', 'total'];

function figureRows({ latencyMs, timeToFirstTokenMs, ...traffic }: Traffic): (string | number)[][] {
  const times = (title: string, values: Percentiles | null) => [
    title,
    ...(['p50', 'p95', 'p99'] as const).map((p) => (values === null ? '' : milliseconds(values[p]))),
    '',
  ];
  const total = (title: string, count: number) => [title, '', '', '', count.toLocaleString('en-US')];
  return [
    total('requests', traffic.requests),
    total('errors', traffic.errors),
    total('abandoned by the client', traffic.abandoned),
    times('latency', latencyMs),
    times('time to first token', timeToFirstTokenMs),
    total('tokens in', traffic.promptTokens),
    total('tokens out', traffic.completionTokens),
    total('thumbs up', traffic.feedback.up),
    total('thumbs down', traffic.feedback.down),
  ];
}

function driftVerdict(drift: readonly DriftResult[], reference: ReferenceInputs): string {
  if (!('dataset' in reference)) return 'drift unknown';
  const worst = (['drift', 'some drift'] as const).find((verdict) => drift.some((one) => one.verdict === verdict));
  if (worst !== undefined) return `${worst} against ${reference.dataset}`;
  const few = drift.some(({ verdict }) => verdict === 'too few samples');
  return few ? 'too few requests to tell drift' : `no drift against ${reference.dataset}`;
}

function trafficChart({ requests, name }: MonitorOutput): ChartSpec {
  const intervals = requestsOverTime(requests);
  const busiest = intervals.reduce((a, b) => (b.requests > a.requests ? b : a));
  const [first, second] = intervals;
  const width = second === undefined ? undefined : second.startMinutes - first!.startMinutes;
  const { unit, minutes } = timeUnit(intervals.at(-1)!.startMinutes);
  const points = (count: (interval: (typeof intervals)[number]) => number) =>
    intervals.map((interval) => ({ x: interval.startMinutes / minutes, y: count(interval) }));
  return lineChart({
    title: `${name} was busiest ${formatMinutes(busiest.startMinutes)} after its first request`,
    x: { title: 'time since the first request', unit },
    y: { title: width === undefined ? 'requests' : `requests in ${formatMinutes(width)}` },
    series: [
      { name: 'requests', points: points((interval) => interval.requests) },
      { name: 'errors', points: points((interval) => interval.errors) },
    ],
    height: 160,
  });
}

/** The unit in which a span of time is easiest to read. */
function timeUnit(spanMinutes: number): { unit: string; minutes: number } {
  if (spanMinutes < 3) return { unit: 'seconds', minutes: 1 / 60 };
  if (spanMinutes < 180) return { unit: 'minutes', minutes: 1 };
  return spanMinutes < 4320 ? { unit: 'hours', minutes: 60 } : { unit: 'days', minutes: 1440 };
}

function latencyChart({ requests, traffic: { latencyMs } }: MonitorOutput): ChartSpec | undefined {
  const values = requests.filter(({ status }) => status === 200).map((request) => request.latencyMs);
  if (latencyMs === null || values.length < 5) return undefined;
  return histogramChart({
    title: `Half of the answers take less than ${milliseconds(latencyMs.p50)}, 95% less than ${milliseconds(latencyMs.p95)}`,
    x: { title: 'latency', unit: 'ms' },
    series: [{ name: 'requests', values }],
  });
}

function lengthChart({ requests, reference, drift }: MonitorOutput): ChartSpec | undefined {
  const inputs = requests.flatMap(({ input }) => (input === undefined ? [] : [lengthOf(input)]));
  if (!('dataset' in reference) || inputs.length < 5) return undefined;
  const verdict = drift.find(({ feature }) => feature === 'length')?.verdict ?? 'too few samples';
  return histogramChart({
    title: `Input lengths of requests and training data: ${verdict}`,
    x: { title: 'input length', unit: 'characters' },
    series: [
      { name: 'training', values: reference.inputs.map(lengthOf) },
      { name: 'requests', values: inputs },
    ],
  });
}

function milliseconds(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

function formatMinutes(minutes: number): string {
  if (minutes < 1) return `${Math.round(minutes * 60)} s`;
  return minutes < 120 ? `${Math.round(minutes)} min` : `${(minutes / 60).toFixed(1)} h`;
}
