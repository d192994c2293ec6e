import type { Figure, Input, ObjectPointer } from '../../magics/governance/record-parts.ts';
import type { EvalRecord, ModelRecord, RunRecord } from '../../magics/governance/records.ts';
import type { ModelVersion } from '../../magics/governance/store.ts';
import { type Html, html, Html as Markup } from '../../magics/html.ts';
import { formatBytes, formatDate, formatInterval, formatSeconds, headline, metricTitle } from './figures.ts';
import { pageStyle } from './page-style.ts';

/** A model version with what belongs to it. */
export interface VersionDetails {
  record: ModelRecord;
  version: ModelVersion;
  run?: RunRecord;
  /** Evaluations of this version, newest first. */
  evaluations: readonly EvalRecord[];
}

/** A page about one model version: how good it is, what it was made from, its files. */
export function versionPage({ record, version, run, evaluations }: VersionDetails): string {
  const stages = version.stages.map((stage) => html`<span class="badge">${stage}</span>`);
  return page(version.ref, [
    html`<h1>${version.ref} ${stages}</h1>`,
    html`<p class="lead">${headline(record.metrics) ?? 'No metrics yet'}</p>`,
    html`<p>${record.description}</p>`,
    section('Metrics', metricsTable(record.metrics)),
    ...evaluations.map((evaluation) => section(`Evaluation: ${evaluation.task}`, evaluationTable(evaluation))),
    section('Made from', inputsTable(record.inputs)),
    section('Facts', factsTable(versionFacts(record, version, run))),
    section('Files', filesTable(record.files)),
  ]);
}

/** A page about one run; `chart` is its curve as SVG. */
export function runPage(run: RunRecord, chart?: string): string {
  return page(run.id, [
    html`<h1>${run.id} <span class="badge ${run.status}">${run.status}</span></h1>`,
    html`<p class="lead">${[headline(run.metrics), formatSeconds(run.seconds)].filter(Boolean).join(' · ')}</p>`,
    html`<p>${run.reason}</p>`,
    chart === undefined ? html`` : section('Training', picture(chart)),
    section('Metrics', metricsTable(run.metrics)),
    section('Made from', inputsTable(run.inputs)),
    section('Configuration', factsTable(Object.entries(run.config).map(([key, value]) => [key, text(value)]))),
    section('Facts', factsTable(runFacts(run))),
  ]);
}

/** A whole page without scripts; it loads nothing but pictures that it carries. */
export function page(title: string, parts: readonly Html[]): string {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
  return html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><title>${title}</title>${new Markup(`<style>${pageStyle}</style>`)}</head>
<body><main>${parts}</main></body></html>`.markup;
}

function section(title: string, body: Html | undefined): Html {
  return body === undefined ? html`` : html`<section><h2>${title}</h2>${body}</section>`;
}

function picture(svg: string): Html {
  return html`<img alt="Training curve" src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}">`;
}

function metricsTable(metrics: Readonly<Record<string, Figure>>): Html | undefined {
  const rows = Object.entries(metrics);
  if (rows.length === 0) return undefined;
  return html`<table><thead><tr><th>Metric</th><th class="number">Value</th><th class="number">Samples</th><th>Computed as</th></tr></thead>
<tbody>${rows.map(([name, figure]) => metricRow(name, figure))}</tbody></table>`;
}

function metricRow(name: string, figure: Figure): Html {
  return html`<tr><td>${metricTitle(name)}</td><td class="number">${formatInterval(name, figure)}</td><td class="number">${figure.n}</td><td><code>${figure.signature}</code></td></tr>`;
}

function evaluationTable(evaluation: EvalRecord): Html {
  const { metrics, baseline, baselineMetrics = {} } = evaluation;
  const head = baseline === undefined ? html`` : html`<th class="number">${baseline}</th>`;
  const rows = Object.entries(metrics).map(([name, figure]) => {
    const other = baselineMetrics[name];
    const cell =
      baseline === undefined ? html`` : html`<td class="number">${other && formatInterval(name, other)}</td>`;
    return html`<tr><td>${metricTitle(name)}</td><td class="number">${formatInterval(name, figure)}</td>${cell}<td class="number">${figure.n}</td></tr>`;
  });
  return html`<table><thead><tr><th>Metric</th><th class="number">${evaluation.model}</th>${head}<th class="number">Samples</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function inputsTable(inputs: readonly Input[]): Html | undefined {
  if (inputs.length === 0) return undefined;
  const rows = inputs.map((input) => {
    const name = input.version === undefined ? input.name : `${input.name}@${input.version}`;
    return html`<tr><td>${input.role}</td><td>${input.kind}</td><td>${name}</td><td><code>${input.digest?.slice(0, 19)}</code></td></tr>`;
  });
  return html`<table><thead><tr><th>Role</th><th>Kind</th><th>Name</th><th>Digest</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function filesTable(files: readonly ObjectPointer[]): Html | undefined {
  if (files.length === 0) return undefined;
  const rows = files.map(
    (file) =>
      html`<tr><td>${file.path}</td><td class="number">${formatBytes(file.size)}</td><td><code>${file.oid.slice(0, 19)}</code></td></tr>`,
  );
  return html`<table><thead><tr><th>File</th><th class="number">Size</th><th>Digest</th></tr></thead><tbody>${rows}</tbody></table>`;
}

type Fact = readonly [name: string, value: string | undefined];

function factsTable(facts: readonly Fact[]): Html | undefined {
  const known = facts.filter(([, value]) => value !== undefined && value !== '');
  if (known.length === 0) return undefined;
  return html`<table class="facts"><tbody>${known.map(([name, value]) => html`<tr><th>${name}</th><td>${value}</td></tr>`)}</tbody></table>`;
}

function versionFacts(record: ModelRecord, version: ModelVersion, run: RunRecord | undefined): Fact[] {
  return [
    ['Architecture', record.architecture],
    ['Parameters', record.parameters.toLocaleString('en-US')],
    ['Prompt', record.prompt],
    ['Made', formatDate(record.createdAt)],
    ['By', record.createdBy],
    ['Commit', version.commit.slice(0, 12)],
    ['Run', record.run],
    ['Trained', run && `${formatSeconds(run.seconds)} on ${device(run)}`],
    ['License', record.license],
  ];
}

function runFacts(run: RunRecord): Fact[] {
  const { environment } = run;
  return [
    ['Model', run.model],
    ['Made', formatDate(run.createdAt)],
    ['By', run.createdBy],
    ['Device', device(run)],
    ['Node', `${environment.node} on ${environment.platform}-${environment.arch}`],
    ['Commit', environment.commit?.slice(0, 12)],
    ['Notebook', environment.notebook],
    ['Job', run.job],
  ];
}

function device({ environment }: RunRecord): string {
  return [environment.device ?? 'cpu', environment.cpu].filter(Boolean).join(', ');
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
