import type { Dataset } from '../dataset.ts';
import { count } from '../display.ts';
import { type Finding, percent, quote } from '../finding.ts';
import type { ColumnProfile } from '../profile-column.ts';
import { columnValues, textOf } from '../text.ts';

/** What there is to say of one column. `rows`: of the whole data set; the rows to look at are those of `dataset`, which may be a sample. */
export function columnFindings(name: string, rows: number, column: ColumnProfile, dataset: Dataset): Finding[] {
  const values = columnValues(dataset, column.name);
  return [
    ...missing(column, rows, values),
    ...blank(column, rows, values),
    ...constant(column, rows),
    ...mixed(column, values),
    ...imbalance(name, column, values),
    ...outliers(column, values),
  ];
}

function rowsWhere(values: readonly unknown[], test: (value: unknown) => boolean): number[] {
  return values.flatMap((value, row) => (test(value) ? [row] : []));
}

function missing({ name, missing }: ColumnProfile, rows: number, values: readonly unknown[]): Finding[] {
  if (missing === 0) return [];
  return [
    {
      weight: 55 + Math.min(20, (20 * missing) / rows),
      text: `"${name}" is missing in ${count(missing, 'row')} (${percent(missing, rows)})`,
      rows: rowsWhere(values, (value) => value === null || value === undefined),
    },
  ];
}

function blank({ name, blank }: ColumnProfile, rows: number, values: readonly unknown[]): Finding[] {
  if (blank === 0) return [];
  return [
    {
      weight: 60,
      text: `"${name}" is blank in ${count(blank, 'row')} (${percent(blank, rows)})`,
      rows: rowsWhere(values, (value) => value !== null && value !== undefined && textOf(value).trim() === ''),
    },
  ];
}

function constant({ name, distinct }: ColumnProfile, rows: number): Finding[] {
  if (distinct !== 1 || rows < 2) return [];
  return [{ weight: 20, text: `"${name}" has the same value in every row: it tells nothing` }];
}

function mixed({ name, type, kind }: ColumnProfile, values: readonly unknown[]): Finding[] {
  if (!type.includes(' | ') || kind !== 'object') return [];
  const types = values.map((value) => (value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value));
  const counts = new Map<string, number>();
  for (const one of types) if (one !== 'null') counts.set(one, (counts.get(one) ?? 0) + 1);
  const [rarest] = [...counts.keys()].sort((a, b) => counts.get(a)! - counts.get(b)!);
  return [
    {
      weight: 65,
      text: `"${name}" mixes types: ${type}`,
      rows: [...types.keys()].filter((row) => types[row] === rarest),
    },
  ];
}

function imbalance(
  name: string,
  { name: column, values: counts }: ColumnProfile,
  values: readonly unknown[],
): Finding[] {
  const [most, least] = [counts?.[0], counts?.at(-1)];
  if (most === undefined || least === undefined || most.count < 5 * least.count) return [];
  return [
    {
      weight: 30 + Math.min(15, most.count / least.count / 10),
      text: `"${column}" is unbalanced: the most common value is ${Math.round(most.count / least.count)} times as frequent as the rarest`,
      evidence: `${quote(most.value)} ${most.count}, ${quote(least.value)} ${least.count}`,
      next: `%dataset split ${name} --stratify ${column}`,
      rows: rowsWhere(values, (value) => textOf(value) === least.value),
    },
  ];
}

function outliers({ name, kind, characters, tokens }: ColumnProfile, values: readonly unknown[]): Finding[] {
  if (kind !== 'text' || characters === undefined || characters.max < 5 * Math.max(20, characters.p95)) return [];
  const inTokens = tokens === undefined ? '' : ` (${tokens.max.toLocaleString('en-US')} tokens)`;
  return [
    {
      weight: 25,
      text: `the longest "${name}" has ${characters.max.toLocaleString('en-US')} characters${inTokens}, while 95% have at most ${characters.p95.toLocaleString('en-US')}`,
      rows: rowsWhere(values, (value) => [...textOf(value)].length >= 5 * Math.max(20, characters.p95)),
    },
  ];
}
