import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { lineChart } from '../../charts/index.ts';
import { formatFigure, formatNumber } from '../../governance/format-figure.ts';
import type { RunRecord } from '../../governance/records.ts';
import type { RecordStore } from '../../governance/store.ts';
import { details, type Html, html, table } from '../../html.ts';
import { renderChart } from '../render-output.ts';

const point = z.object({ name: z.string(), step: z.number(), value: z.number().nullable() });
type Point = z.output<typeof point>;

/** Runs: the training curve, the figures, the configuration. */
export async function trainingSections(store: RecordStore, runs: readonly RunRecord[]): Promise<Html[]> {
  return Promise.all(runs.map((run) => trainingSection(store, run)));
}

async function trainingSection(store: RecordStore, run: RunRecord): Promise<Html> {
  const points = await readSeries(store, run);
  const made = run.model === undefined ? '' : `, made ${run.model}`;
  const config = Object.entries(run.config).map(([name, value]) => [name, value]);
  return html`<article><h3>${run.name}: ${run.status}</h3><p>${Math.round(run.seconds)} s on ${run.environment.device ?? 'cpu'}${made}. Record <code>${run.id}</code>.</p>${run.reason === undefined ? '' : html`<p>${run.reason}</p>`}${await lossChart(points)}${figures(run)}${details('Configuration', table([{ name: 'key' }, { name: 'value' }], config))}</article>`;
}

function figures({ metrics }: RunRecord): Html {
  const rows = Object.entries(metrics).map(([name, figure]) => [name, formatFigure(figure)]);
  return rows.length === 0 ? html`` : table([{ name: 'figure' }, { name: 'value' }], rows);
}

async function lossChart(points: readonly Point[]): Promise<Html> {
  const names = [...new Set(points.map((p) => p.name))].filter((name) => name.includes('loss'));
  if (names.length === 0) return html``;
  const series = names.map((name) => ({
    name: name.replaceAll('_', ' '),
    points: points.filter((p) => p.name === name).map((p) => ({ x: p.step, y: p.value })),
  }));
  const chart = lineChart({
    title: finding(series[0]!),
    x: { title: 'step' },
    y: { title: 'cross-entropy', unit: 'nats' },
    series,
  });
  return renderChart(chart);
}

function finding({ name, points }: { name: string; points: readonly { y: number | null }[] }): string {
  const [first, last] = [points[0]?.y, points.at(-1)?.y];
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  if (typeof first !== 'number' || typeof last !== 'number') return title;
  return `${title} ${last < first ? 'falls' : 'goes'} from ${formatNumber(first)} to ${formatNumber(last)}`;
}

async function readSeries(store: RecordStore, { series }: RunRecord): Promise<Point[]> {
  const file = series && (await store.objects.file(series).catch(() => undefined));
  if (file === undefined) return [];
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => point.parse(JSON.parse(line)));
}
