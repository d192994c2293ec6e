import type { RecordCommitInfo, RecordStore } from '../governance/store.ts';
import { details, Html, html } from '../html.ts';
import { drawLineage } from './draw-lineage.ts';
import type { Evidence } from './gather.ts';
import { buildLineage } from './lineage.ts';
import { renderMarkdown } from './markdown.ts';
import type { Notebook, NotebookCell } from './notebook.ts';
import { renderOutput } from './render-output.ts';
import { evaluationSections } from './sections/evaluations.ts';
import { datasetSections, promptSections } from './sections/inputs.ts';
import { deploymentTable, environmentSections, historyTable } from './sections/provenance.ts';
import { trainingSections } from './sections/training.ts';
import { style } from './style.ts';
import { evaluationSentence, evaluationVerdict } from './verdict.ts';

/** Nothing on the page may run or be loaded from elsewhere. */
const contentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** What a page is made of. */
export interface ReportContent {
  readonly notebook: Notebook;
  readonly evidence: Evidence;
  /** Absent outside a repository: then there is only the notebook. */
  readonly store?: RecordStore;
  readonly log: readonly RecordCommitInfo[];
  readonly createdAt: Date;
}

/** The whole page, from the verdict to how to verify it; without the manifest. */
export async function renderPage(content: ReportContent): Promise<string> {
  const { notebook, evidence, store, log, createdAt } = content;
  const recorded = store === undefined ? [] : await recordSections(store, evidence, log);
  const time = createdAt.toISOString().slice(0, 16).replace('T', ' ');
  const head = html`<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy}"><title>${notebook.title}</title><style>${new Html(style)}</style>`;
  const body = html`<header><h1>${notebook.title}</h1><p class="note">${facts(evidence)}Report of ${time} UTC.</p>${verdict(content)}</header><main>${lineageSection(evidence)}${section('Notebook', await Promise.all(notebook.cells.map(renderCell)))}${recorded}${section('How to verify', [howToVerify(store !== undefined)])}</main>`;
  return `<!doctype html>\n<html lang="en">\n<head>${head.markup}</head>\n<body>\n${body.markup}\n</body>\n</html>\n`;
}

function verdict({ evidence, store }: ReportContent): Html {
  if (store === undefined) {
    return html`<div class="verdict"><p>The notebook lies in no git repository: nothing that it made is recorded.</p></div>`;
  }
  if (evidence.evals.length === 0) {
    return html`<div class="verdict"><p>Nothing was evaluated yet, so there is no verdict.</p></div>`;
  }
  const verdicts = evidence.evals.map(evaluationVerdict);
  const tone = verdicts.includes('worse') ? 'worse' : verdicts.includes('better') ? 'better' : '';
  const sentences = evidence.evals.map((record) => html`<p>${evaluationSentence(record)}</p>`);
  return html`<div class="verdict ${tone}">${sentences}</div>`;
}

/** `3 data sets, 1 run, 1 model version.` and a blank; nothing when there is nothing. */
function facts({ datasets, prompts, runs, models, evals, deployments }: Evidence): string {
  const counts = [
    [datasets.length, 'data set'],
    [prompts.length, 'prompt'],
    [runs.length, 'run'],
    [models.length, 'model version'],
    [evals.length, 'evaluation'],
    [deployments.length, 'deployment'],
  ] as const;
  const named = counts.filter(([n]) => n > 0).map(([n, noun]) => `${n} ${noun}${n === 1 ? '' : 's'}`);
  return named.length === 0 ? '' : `${named.join(', ')}. `;
}

function lineageSection(evidence: Evidence): Html {
  const lineage = buildLineage(evidence);
  return section(
    'What was made from what',
    lineage.nodes.length === 0 ? [] : [html`<div class="wide">${drawLineage(lineage)}</div>`],
  );
}

async function recordSections(
  store: RecordStore,
  evidence: Evidence,
  log: readonly RecordCommitInfo[],
): Promise<Html[]> {
  const { datasets, prompts, runs, evals, deployments } = evidence;
  return [
    section('Data', datasetSections(datasets)),
    section('Prompts', promptSections(prompts)),
    section('Training', await trainingSections(store, runs)),
    section('Evaluation', await evaluationSections(store, evals)),
    section('Deployment', deployments.length === 0 ? [] : [deploymentTable(deployments)]),
    section('Environment and versions', environmentSections(evidence)),
    section('History in git', log.length === 0 ? [] : [historyTable(log)]),
  ];
}

/** A section; nothing at all when it would be empty. */
function section(title: string, parts: readonly Html[]): Html {
  return parts.length === 0 ? html`` : html`<section><h2>${title}</h2>${parts}</section>`;
}

async function renderCell(cell: NotebookCell): Promise<Html> {
  if (cell.cell_type === 'markdown') return html`<div class="cell">${renderMarkdown(cell.source)}</div>`;
  if (cell.cell_type === 'raw') return html`<pre class="cell">${cell.source}</pre>`;
  if (cell.source.trim() === '') return html``;
  const outputs = await Promise.all(cell.outputs.map(renderOutput));
  const shown = outputs.length === 0 ? '' : html`<div class="outputs">${outputs}</div>`;
  return html`<div class="cell">${details(firstLine(cell.source), html`<pre>${cell.source}</pre>`)}${shown}</div>`;
}

function firstLine(source: string): string {
  const [line = ''] = source.trim().split('\n');
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}

function howToVerify(isRecorded: boolean): Html {
  if (!isRecorded) return html`<p>There are no records to verify.</p>`;
  return html`<p>In a clone of the repository, run <code>llmops verify</code> with this file. It computes every digest again and compares commits, tags and stored files with the manifest at the end of this page.</p>`;
}
