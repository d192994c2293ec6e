import { type ChartSpec, chartBundle, type LinkedView, linkedChart } from '../charts/index.ts';
import type { Display, MagicContext } from '../context.ts';
import type { Dataset } from './dataset.ts';
import { count } from './display.ts';
import { spreadRows } from './evidence/spread-rows.ts';
import { percent } from './finding.ts';
import type { ColumnProfile } from './profile-column.ts';
import type { Summary } from './summary.ts';
import { columnValues, textOf } from './text.ts';

/** Charts of each kind that a profile shows. */
const chartsPerKind = 2;
/** Values of a category that its chart shows when it has more. */
const commonValues = 15;
const rareValues = 10;
/** Rows that charts count; in longer data sets they are spread evenly. */
const countedRows = 20_000;
/** A longest value so many times the 95th percentile would leave one bar of all others. */
const farOut = 3;

/** Charts that are there early, of some of the rows, and are brought up to date as more were looked at. */
export function createProfileCharts({ display }: Pick<MagicContext, 'display'>) {
  let shown: Display | undefined;
  return {
    async show(columns: readonly ColumnProfile[], dataset: Dataset): Promise<void> {
      const chart = profileChart(columns, dataset);
      if (chart === undefined) return;
      const bundle = await chartBundle(chart);
      if (shown === undefined) shown = display(bundle);
      else shown.update(bundle);
    },
  };
}

/** Lengths of texts, balance of labels, distributions of numbers, linked; undefined where there is none of these. */
export function profileChart(columns: readonly ColumnProfile[], dataset: Dataset): ChartSpec | undefined {
  const ofKind = (kind: ColumnProfile['kind']) =>
    columns.filter((c) => c.kind === kind && !isIdentifier(c, dataset)).slice(0, chartsPerKind);
  const rows = spreadRows(dataset.rowCount, countedRows);
  const valuesOf = ({ name }: ColumnProfile) => {
    const values = columnValues(dataset, name);
    return rows.map((row) => values[row]);
  };
  const views = [
    ...ofKind('text').map((column) => lengthView(column, valuesOf(column))),
    ...ofKind('category').map((column) => balanceView(column, valuesOf(column))),
    ...ofKind('number').map((column) => numberView(column, valuesOf(column))),
  ];
  if (views.length === 0) return undefined;
  const hint =
    'Drag over a histogram or click bars: the others count those rows alone. A double click shows all again.';
  return linkedChart({
    title: views.length === 1 ? '' : hint,
    description: `Charts of ${dataset.name}: ${views.map(({ title }) => title).join('; ')}`,
    counted: rows.length === dataset.rowCount ? 'Rows' : `Rows, of ${rows.length.toLocaleString('en-US')}`,
    views,
  });
}

/** Numbers that count the rows, and many names that are all about as frequent, show nothing as a chart. */
function isIdentifier({ kind, values, numbers, distinct }: ColumnProfile, { rowCount }: Dataset): boolean {
  if (kind === 'number') return distinct === rowCount && numbers!.max - numbers!.min === rowCount - 1;
  const [most, least] = [values?.[0], values?.at(-1)];
  return kind === 'category' && values!.length > commonValues + rareValues && most!.count < 2 * least!.count;
}

function lengthView(column: ColumnProfile, values: readonly unknown[]): LinkedView {
  const lengths = values.map((value) => (value === null || value === undefined ? null : [...textOf(value)].length));
  const { median, max } = column.characters!;
  return {
    kind: 'numbers',
    title: `Half of the "${column.name}" texts have at most ${median.toLocaleString('en-US')} characters, the longest ${max.toLocaleString('en-US')}`,
    ...upToLimit(`Length of ${column.name} (characters)`, lengths, column.characters!),
  };
}

function balanceView(column: ColumnProfile, values: readonly unknown[]): LinkedView {
  const counts = column.values!;
  const total = counts.reduce((sum, v) => sum + v.count, 0);
  const [most] = counts;
  const isCut = counts.length > commonValues + rareValues;
  const shown = isCut ? [...counts.slice(0, commonValues), ...counts.slice(-rareValues)] : counts;
  const label = (text: string) => (text === '' ? '(blank)' : text);
  return {
    kind: 'texts',
    title: `"${column.name}" has ${count(counts.length, 'value')}; the most common, ${most!.value}, makes up ${percent(most!.count, total)}`,
    axis: isCut ? `${column.name}: ${commonValues} most common, ${rareValues} rarest` : column.name,
    values: values.map((value) => (value === null || value === undefined ? null : label(textOf(value)))),
    shown: shown.map(({ value }) => label(value)),
  };
}

function numberView(column: ColumnProfile, values: readonly unknown[]): LinkedView {
  const { median, min, max } = column.numbers!;
  const [low, middle, high] = [min, median, max].map((n) => n.toLocaleString('en-US', { maximumSignificantDigits: 4 }));
  return {
    kind: 'numbers',
    title: `"${column.name}" lies between ${low} and ${high}; half of the values are at most ${middle}`,
    ...upToLimit(column.name, values, column.numbers!),
  };
}

/** Values far beyond the others are counted at the right edge, and the axis says so. */
function upToLimit(axis: string, values: readonly unknown[], { p25, p95, max }: Summary) {
  const limit = p95 + (p95 - p25);
  if (max <= farOut * p95 || limit <= p95) return { axis, values };
  const shown = limit.toLocaleString('en-US', { maximumSignificantDigits: 4 });
  return {
    axis: `${axis}; above ${shown}: at the right edge`,
    values: values.map((value) => (typeof value === 'number' ? Math.min(value, limit) : value)),
  };
}
