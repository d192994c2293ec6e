import { barChart, type ChartSpec, histogramChart } from '../../charts/index.ts';
import type { MimeBundle } from '../../context.ts';
import { block, html } from '../../html.ts';
import type { Dataset } from '../dataset.ts';
import { count } from '../display.ts';
import { type RowTable, rowsToShow, rowTableParts } from '../prepare/row-table.ts';
import { columnValues } from '../text.ts';
import type { ColumnChange } from './column-changes.ts';
import type { Comparison } from './compare.ts';

/** Charts at most, and bars of one. */
const shownCharts = 4;
const shownValues = 15;

/** A comparison on screen: how much stayed, the findings, what drifted, the rows that came and went. */
export async function comparisonBundle(of: Comparison, before: Dataset, after: Dataset): Promise<MimeBundle> {
  const { rows, findings } = of;
  const tables = rowTableParts([
    driftTable(of),
    await rowsToShow('removed row', before, rows.removed),
    await rowsToShow('added row', after, rows.added),
    changedRows(of, before, after),
  ]);
  const items = findings.map((finding) => html`<li>${finding.text}</li>`);
  return block(
    headline(of),
    [...(items.length === 0 ? [] : [html`<ol>${items}</ol>`]), ...tables.parts],
    [...findings.map((finding) => `- ${finding.text}`), ...tables.text],
  );
}

function headline({ before, after, rows, findings }: Comparison): string {
  const { added, removed, changed, unchanged } = rows;
  const parts = [
    `${before.name} (${count(before.rows, 'row')}) and ${after.name} (${count(after.rows, 'row')}): ${unchanged.toLocaleString('en-US')} the same`,
    `${added.length.toLocaleString('en-US')} added`,
    `${removed.length.toLocaleString('en-US')} removed`,
    ...(rows.key === undefined ? [] : [`${changed.length.toLocaleString('en-US')} changed by "${rows.key}"`]),
  ];
  return `${parts.join(', ')}; ${findings.length === 0 ? 'nothing to report' : count(findings.length, 'finding')}`;
}

function driftTable({ columns }: Comparison): RowTable {
  const figure = (value: number | null, digits: number) => (value === null ? null : Number(value.toPrecision(digits)));
  return {
    title: 'drift by column',
    columns: ['column', 'compared', 'verdict', 'PSI', 'Jensen-Shannon', 'test', 'p'],
    rows: columns.map(({ column, measure, drift }) => [
      column,
      measure,
      drift.verdict,
      figure(drift.psi, 3),
      figure(drift.jensenShannon, 3),
      drift.test,
      figure(drift.pValue, 2),
    ]),
    isOpen: true,
  };
}

function changedRows({ rows: { changed, key } }: Comparison, before: Dataset, after: Dataset): RowTable {
  const keys = key === undefined ? [] : columnValues(before, key);
  const cells = changed
    .slice(0, 50)
    .flatMap(({ before: a, after: b, columns }) =>
      columns.map((name) => [keys[a], name, columnValues(before, name)[a], columnValues(after, name)[b]]),
    );
  return {
    title: count(changed.length, 'changed row'),
    columns: [key ?? 'row', 'column', 'before', 'after'],
    rows: cells,
  };
}

/** Charts of the columns that drifted most, both data sets in each. */
export function comparisonCharts(of: Comparison): ChartSpec[] {
  const drifted = of.columns
    .filter(({ drift }) => drift.verdict === 'drift' || drift.verdict === 'some drift')
    .sort((a, b) => b.drift.psi! - a.drift.psi!);
  return drifted.slice(0, shownCharts).map((column) => driftChart(of, column));
}

function driftChart(
  { before, after }: Comparison,
  { column, measure, drift, numbers, values }: ColumnChange,
): ChartSpec {
  const [a, b] = before.name === after.name ? ['before', 'after'] : [before.name, after.name];
  const title = `"${column}" ${drift.verdict === 'drift' ? 'drifted' : 'drifted somewhat'}: population stability index ${drift.psi!.toFixed(2)}`;
  if (numbers !== undefined) {
    return histogramChart({
      title,
      x: measure === 'lengths' ? { title: `Length of ${column}`, unit: 'characters' } : { title: column },
      series: [
        { name: a!, values: numbers.before },
        { name: b!, values: numbers.after },
      ],
    });
  }
  const shown = (values ?? []).slice(0, shownValues);
  const share = (n: number, rows: number) => n / Math.max(1, rows);
  return barChart({
    title,
    category: { title: (values ?? []).length > shownValues ? `${column}: the ${shownValues} most changed` : column },
    value: { title: 'Share of rows', format: '.0%' },
    bars: shown.flatMap((v) => [
      { label: v.value || '(blank)', value: share(v.before, before.rows), series: a! },
      { label: v.value || '(blank)', value: share(v.after, after.rows), series: b! },
    ]),
  });
}
