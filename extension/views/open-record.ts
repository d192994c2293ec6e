import { openStore, readModel } from '../../magics/governance/open-store.ts';
import type { RecordStore } from '../../magics/governance/store.ts';
import { Html, html } from '../../magics/html.ts';
import { openJob } from '../../magics/jobs/index.ts';
import { recordGone } from '../errors.ts';
import { page, runPage, versionPage } from './record-page.ts';
import { readSeries, type SeriesPoint, seriesOf } from './series.ts';
import type { RecordTarget } from './tree-node.ts';

/** A page to open: `id` is its subject. */
export interface RecordPage {
  id: string;
  title: string;
  content: string;
}

/** Draws series as SVG; undefined when there is nothing to draw. */
export type DrawChart = (points: readonly SeriesPoint[]) => Promise<string | undefined>;

/** Reads what a tree entry stands for and writes its page. A UserError says so when the record is gone. */
export async function recordPage(target: RecordTarget, drawChart: DrawChart): Promise<RecordPage> {
  const store = await openStore(target.folder);
  switch (target.kind) {
    case 'model':
      return modelPage(store, target.name);
    case 'version':
      return modelPage(store, target.ref);
    case 'run':
      return recordedRunPage(store, target.id, drawChart);
    case 'job':
      return jobPage(store, target.id, drawChart);
  }
}

async function modelPage(store: RecordStore, ref: string): Promise<RecordPage> {
  const record = await readModel(store, ref);
  const fullRef = `${record.name}@${record.version}`;
  const version = (await store.versions(record.name)).find((candidate) => candidate.ref === fullRef);
  if (version === undefined) throw recordGone(fullRef);
  const run = record.run === undefined ? undefined : await store.read('run', record.run);
  const evaluations = (await store.list('eval')).filter((evaluation) => evaluation.model === fullRef);
  evaluations.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  return { id: fullRef, title: fullRef, content: versionPage({ record, version, run, evaluations }) };
}

async function recordedRunPage(store: RecordStore, id: string, drawChart: DrawChart): Promise<RecordPage> {
  const run = await store.read('run', id);
  if (run === undefined) throw recordGone(id);
  const chart = await drawChart(await readSeries(store, run.series));
  return { id, title: id, content: runPage(run, chart) };
}

async function jobPage(store: RecordStore, id: string, drawChart: DrawChart): Promise<RecordPage> {
  const job = await openJob(store.folder, id);
  const [status, events] = await Promise.all([job.status(), job.events()]);
  const chart = await drawChart(seriesOf(events));
  const messages = events.filter((event) => event.type === 'message');
  const content = page(job.spec.title, [
    html`<h1>${job.spec.title} <span class="badge">${status}</span></h1>`,
    chart === undefined ? html`<p class="lead">No loss reported yet.</p>` : new Html(chart),
    html`<ul>${messages.map((message) => html`<li>${message.text}</li>`)}</ul>`,
  ]);
  return { id, title: job.spec.title, content };
}
