import { barChart, type ChartSpec, histogramChart } from '../charts/index.ts';
import type { MimeBundle } from '../context.ts';
import { block, details, type Html, html, table as htmlTable } from '../html.ts';
import type { Dataset } from './dataset.ts';
import { count, textTable } from './display.ts';
import { percent } from './findings.ts';
import type { Leak } from './leaks.ts';
import type { Profile } from './profile.ts';
import type { ColumnProfile } from './profile-column.ts';
import type { Summary } from './summary.ts';
import { columnValues, textOf } from './text.ts';

/** Charts of each kind that a profile shows. */
const chartsPerKind = 2;
/** Values of a category that its chart shows when it has more. */
const commonValues = 15;
const rareValues = 10;
/** Leaked rows that are listed. */
const listedLeaks = 200;

/** A profile on screen: what was looked at, the findings, the columns. */
export function profileBundle(profile: Profile): MimeBundle {
  const { name, rows, columns, findings, leaks } = profile;
  const headline = `${name}: ${count(rows, 'row')}, ${count(columns.length, 'column')}; ${findings.length === 0 ? 'nothing to mend' : count(findings.length, 'finding')}`;
  const names = ['column', 'type', 'missing', 'distinct', 'what it holds'];
  const lines = columns.map((c) => [c.name, c.type, c.missing, c.distinct, holds(c, rows)]);
  const list = findings.map((f) =>
    [f.text, f.evidence && `: ${f.evidence}`, f.next && `  ${f.next}`].filter(Boolean).join(''),
  );
  return block(
    headline,
    [
      ...findingsList(profile),
      htmlTable(
        names.map((n) => ({ name: n })),
        lines,
      ),
      ...leaks.filter((l) => l.rows.length > 0).map(leakedRows),
    ],
    [...list.map((line) => `- ${line}`), ...textTable(names, lines)],
  );
}

/** Lengths of texts, balance of labels, distributions of numbers. */
export function profileCharts(profile: Profile, dataset: Dataset): ChartSpec[] {
  const ofKind = (kind: ColumnProfile['kind']) =>
    profile.columns.filter((c) => c.kind === kind).slice(0, chartsPerKind);
  return [
    ...ofKind('text').map((column) => lengthChart(column, dataset)),
    ...ofKind('category').map(balanceChart),
    ...ofKind('number').map((column) => numberChart(column, dataset)),
  ];
}

function findingsList({ findings }: Profile): Html[] {
  if (findings.length === 0) return [];
  const items = findings.map(
    (f) =>
      html`<li>${f.text}${f.evidence === undefined ? '' : html`<br><small>${f.evidence}</small>`}${f.next === undefined ? '' : html`<br><code>${f.next}</code>`}</li>`,
  );
  return [html`<ol>${items}</ol>`];
}

function leakedRows({ against, column, rows }: Leak): Html {
  const names = [`row of ${against}`, `row here`, column];
  const lines = rows.slice(0, listedLeaks).map((r) => [r.row + 1, r.of + 1, r.text]);
  return details(
    `leaked rows of ${against} (${rows.length})`,
    htmlTable(
      names.map((name) => ({ name })),
      lines,
    ),
  );
}

function holds(column: ColumnProfile, rows: number): string {
  const { kind, characters, tokens, numbers, values } = column;
  if (kind === 'empty') return 'nothing';
  if (numbers !== undefined) return `${spread(numbers)}, mean ${Number(numbers.mean.toPrecision(4))}`;
  if (values !== undefined) {
    const shown = values.slice(0, 3).map((v) => `${v.value} ${percent(v.count, rows)}`);
    return `${kind}: ${shown.join(', ')}${values.length > 3 ? ', …' : ''}`;
  }
  if (characters === undefined) return kind;
  const inTokens = tokens === undefined ? '' : `; ${spread(tokens)} tokens`;
  return `text of ${spread(characters)} characters${inTokens}`;
}

function spread({ min, median, max }: Summary): string {
  const [low, middle, high] = [min, median, max].map((n) => n.toLocaleString('en-US', { maximumSignificantDigits: 6 }));
  return `${low} to ${high} (median ${middle})`;
}

function lengthChart(column: ColumnProfile, dataset: Dataset): ChartSpec {
  const texts = columnValues(dataset, column.name)
    .filter((value) => value !== null)
    .map(textOf);
  const { median, max } = column.characters!;
  return histogramChart({
    title: `Half of the "${column.name}" texts have at most ${median.toLocaleString('en-US')} characters, the longest ${max.toLocaleString('en-US')}`,
    x: { title: `Length of ${column.name}`, unit: 'characters' },
    series: [{ name: column.name, values: texts.map((text) => [...text].length) }],
  });
}

function balanceChart(column: ColumnProfile): ChartSpec {
  const values = column.values!;
  const total = values.reduce((sum, v) => sum + v.count, 0);
  const [most] = values;
  const isCut = values.length > commonValues + rareValues;
  const shown = isCut ? [...values.slice(0, commonValues), ...values.slice(-rareValues)] : values;
  const which = isCut ? `${column.name}: the ${commonValues} most common and the ${rareValues} rarest` : column.name;
  return barChart({
    title: `"${column.name}" has ${count(values.length, 'value')}; the most common, ${most!.value}, makes up ${percent(most!.count, total)}`,
    category: { title: which },
    value: { title: 'Rows' },
    bars: shown.map((v) => ({ label: v.value === '' ? '(blank)' : v.value, value: v.count })),
  });
}

function numberChart(column: ColumnProfile, dataset: Dataset): ChartSpec {
  const { median, min, max } = column.numbers!;
  const [low, middle, high] = [min, median, max].map((n) => n.toLocaleString('en-US', { maximumSignificantDigits: 4 }));
  return histogramChart({
    title: `"${column.name}" lies between ${low} and ${high}; half of the values are at most ${middle}`,
    x: { title: column.name },
    series: [
      {
        name: column.name,
        values: columnValues(dataset, column.name).filter((v): v is number => typeof v === 'number'),
      },
    ],
  });
}
