import type { MimeBundle } from '../context.ts';
import { block, details, type Html, html, table as htmlTable } from '../html.ts';
import type { Dataset } from './dataset.ts';
import { count, foldedCell, textTable } from './display.ts';
import { describeLanguages } from './evidence/languages.ts';
import type { Leak } from './evidence/leaks.ts';
import { describeFormat } from './evidence/training-format.ts';
import { type Finding, masked, percent } from './finding.ts';
import type { Profile } from './profile.ts';
import type { ColumnProfile } from './profile-column.ts';
import type { Summary } from './summary.ts';
import { columnValues } from './text.ts';

/** Rows below a finding. */
const shownRows = 20;
/** Leaked rows, and pairs of columns, that are listed. */
const listedLeaks = 200;
const listedCorrelations = 30;

/** A profile on screen: what was looked at, the findings, the columns. */
export function profileBundle(profile: Profile, dataset: Dataset): MimeBundle {
  const { name, rows, columns, findings, leaks } = profile;
  const headline = `${name}: ${count(rows, 'row')}, ${count(columns.length, 'column')}; ${findings.length === 0 ? 'nothing to mend' : count(findings.length, 'finding')}`;
  const names = ['column', 'type', 'missing', 'distinct', 'what it holds'];
  const lines = columns.map((c) => [c.name, c.type, c.missing, c.distinct, holds(c, rows)]);
  const list = findings.map((f) =>
    [f.text, f.evidence && `: ${f.evidence}`, f.next && `  ${f.next}`].filter(Boolean).join(''),
  );
  const notes = [...sampleNotes(profile), ...contentNotes(profile)];
  return block(
    headline,
    [
      ...notes.map((note) => html`<p>${note}</p>`),
      ...findingsList(findings, dataset),
      htmlTable(
        names.map((n) => ({ name: n })),
        lines,
      ),
      ...correlationTable(profile),
      ...repeatedRows(profile),
      ...leaks.filter((l) => l.rows.length > 0).map(leakedRows),
    ],
    [...notes, ...list.map((line) => `- ${line}`), ...textTable(names, lines)],
  );
}

function sampleNotes({ rows, sampledRows }: Profile): string[] {
  if (sampledRows === undefined) return [];
  return [
    `Types, missing and common values and equal rows were counted in all ${count(rows, 'row')}, medians and distinct texts nearly; ` +
      `lengths, labels, personal data and repeated texts were looked at in a random sample of ${count(sampledRows, 'row')}, whose rows are numbered on their own.`,
  ];
}

/** The format and the languages of the rows, where they show. */
function contentNotes({ format, languages }: Profile): string[] {
  const told = languages && describeLanguages(languages);
  return [
    ...(format === undefined ? [] : [`Format: ${describeFormat(format)}.`]),
    ...(told === undefined ? [] : [`Language of "${languages!.column}": ${told} of the rows looked at.`]),
  ];
}

function findingsList(findings: readonly Finding[], dataset: Dataset): Html[] {
  if (findings.length === 0) return [];
  const hidden = new Set(findings.flatMap(({ rows = [], isPrivate }) => (isPrivate === true ? rows : [])));
  const items = findings.map(
    (f) =>
      html`<li>${f.text}${f.evidence === undefined ? '' : html`<br><small>${f.evidence}</small>`}${f.next === undefined ? '' : html`<br><code>${f.next}</code>`}${rowsBehind(f, dataset, hidden)}</li>`,
  );
  return [html`<ol>${items}</ol>`];
}

/** The rows of a finding, folded. Of those that should not be shown around there are only the numbers. */
function rowsBehind({ rows = [] }: Finding, dataset: Dataset, hidden: ReadonlySet<number>): Html[] {
  if (rows.length === 0) return [];
  const listed = rows.slice(0, shownRows);
  const title =
    rows.length > shownRows ? `first ${shownRows} of ${count(rows.length, 'row')}` : count(rows.length, 'row');
  const shown = listed.filter((row) => !hidden.has(row));
  const others = listed.filter((row) => hidden.has(row)).map((row) => row + 1);
  const values = dataset.columns.map(({ name }) => columnValues(dataset, name));
  const lines = shown.map((row) => [row + 1, ...values.map((column) => foldedCell(column[row]))]);
  return [
    details(
      title,
      html`${lines.length === 0 ? '' : htmlTable([{ name: 'row' }, ...dataset.columns], lines)}${others.length === 0 ? '' : html`<p>Not shown here: ${others.join(', ')}</p>`}`,
    ),
  ];
}

function correlationTable({ correlations }: Profile): Html[] {
  if (correlations.length === 0) return [];
  const lines = correlations
    .slice(0, listedCorrelations)
    .map(({ columns: [a, b], pearson, rows }) => [a, b, Number(pearson.toFixed(3)), rows]);
  const names = ['column', 'with', 'correlation (Pearson)', 'rows'];
  const markup = htmlTable(
    names.map((name) => ({ name })),
    lines,
  );
  return [details(`correlations (${correlations.length})`, markup)];
}

function repeatedRows({ repeatedTexts }: Profile): Html[] {
  const all = [...(repeatedTexts?.equal ?? []), ...(repeatedTexts?.near ?? [])];
  const names = ['row', 'text', 'like row', 'its text', 'likeness'];
  const lines = all
    .slice(0, listedLeaks)
    .map((r) => [r.row + 1, masked(r.text), r.of + 1, masked(r.ofText), Number(r.similarity.toFixed(3))]);
  const markup = htmlTable(
    names.map((name) => ({ name })),
    lines,
  );
  return all.length === 0 ? [] : [details(`repeated texts (${all.length})`, markup)];
}

function leakedRows({ against, column, rows }: Leak): Html {
  const names = [`row of ${against}`, `row here`, column];
  const lines = rows.slice(0, listedLeaks).map((r) => [r.row + 1, r.of + 1, masked(r.text)]);
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
