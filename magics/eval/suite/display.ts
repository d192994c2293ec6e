import type { MimeBundle } from '../../context.ts';
import { textTable } from '../../dataset/display.ts';
import { block, html, table } from '../../html.ts';
import type { SuiteResult } from './suite.ts';
import { type SuiteReport, suiteReportMime } from './suite-report.ts';

/** A suite on screen: a row for each task with its gates, and what could not be imported; for clients, its report. */
export function suiteBundle({ suite, passed, tasks, notImported }: SuiteResult): MimeBundle {
  const columns = ['task', 'model', 'figures', 'gates', 'evaluation'];
  const rows = tasks.map(({ task, model, metrics, gates, failed, id }) => [
    task,
    model,
    Object.entries(metrics)
      .filter(([, { value }]) => value !== null)
      .map(([name, { value }]) => `${name} ${Number(value!.toPrecision(4))}`)
      .join(', '),
    gates.length === 0 ? 'none' : failed.length === 0 ? 'passed' : `failed: ${failed.join(', ')}`,
    id,
  ]);
  const failing = tasks.filter(({ failed }) => failed.length > 0).length;
  const headline = `${suite}: ${passed ? `${tasks.length} of ${tasks.length} passed` : `${failing} of ${tasks.length} failed`}`;
  const lines = notImported.map((what) => `Not imported: ${what}`);
  const parts = [
    lines.length === 0 ? html`` : html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`,
    table(
      columns.map((name) => ({ name })),
      rows,
    ),
  ];
  const report: SuiteReport = { evaluations: tasks.map(({ id }) => id) };
  return { ...block(headline, parts, [...lines, ...textTable(columns, rows)]), [suiteReportMime]: report };
}
