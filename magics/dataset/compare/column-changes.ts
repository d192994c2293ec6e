import type { Dataset } from '../dataset.ts';
import { compareCounts, compareNumbers, type Drift } from '../drift.ts';
import { type ColumnProfile, profileColumn } from '../profile-column.ts';
import { columnValues, textOf } from '../text.ts';

/** A column of either data set. */
export interface SchemaChange {
  readonly column: string;
  /** TypeScript type; absent where the data set lacks the column. */
  readonly before?: string;
  readonly after?: string;
}

/** How a column that both data sets have is distributed in each. */
export interface ColumnChange {
  readonly column: string;
  /** What is compared: the numbers, the values, or the lengths of texts in characters. */
  readonly measure: 'numbers' | 'values' | 'lengths';
  readonly drift: Drift;
  /** Rows without a value. */
  readonly missing: { readonly before: number; readonly after: number };
  /** The numbers or lengths themselves, for charts. */
  readonly numbers?: { readonly before: readonly number[]; readonly after: readonly number[] };
  /** Values by how often they occur, the most changed share first. */
  readonly values?: readonly { readonly value: string; readonly before: number; readonly after: number }[];
}

/** Columns that were added, removed, or have another type. */
export function schemaChanges(before: Dataset, after: Dataset): SchemaChange[] {
  const types = (of: Dataset) => new Map(of.columns.map(({ name, type }) => [name, type]));
  const [a, b] = [types(before), types(after)];
  const names = [...new Set([...a.keys(), ...b.keys()])];
  return names
    .map((column) => ({ column, before: a.get(column), after: b.get(column) }))
    .filter((change) => change.before !== change.after);
}

/** How the columns that both have are distributed. Columns of objects are left out. */
export function columnChanges(before: Dataset, after: Dataset, shared: readonly string[]): ColumnChange[] {
  return shared.flatMap((name): ColumnChange[] => {
    const [a, b] = [before, after].map((of) => columnValues(of, name)) as [unknown[], unknown[]];
    const [x, y] = [profileOf(before, name, a), profileOf(after, name, b)];
    const missing = { before: x.missing, after: y.missing };
    if (x.kind === 'number' && y.kind === 'number') return [{ column: name, ...numberChange(a, b), missing }];
    const isText = (of: ColumnProfile) => of.kind === 'text';
    const isValued = (of: ColumnProfile) => of.values !== undefined || of.kind === 'text';
    if (isText(x) && isText(y)) return [{ column: name, ...lengthChange(a, b), missing }];
    return isValued(x) && isValued(y) ? [{ column: name, ...valueChange(a, b), missing }] : [];
  });
}

function profileOf(dataset: Dataset, name: string, values: readonly unknown[]): ColumnProfile {
  return profileColumn(dataset.columns.find((column) => column.name === name)!, values);
}

function numberChange(a: readonly unknown[], b: readonly unknown[]) {
  const numbers = { before: a.filter(isNumber), after: b.filter(isNumber) };
  return { measure: 'numbers' as const, drift: compareNumbers(numbers.before, numbers.after), numbers };
}

function lengthChange(a: readonly unknown[], b: readonly unknown[]) {
  const lengths = (values: readonly unknown[]) => values.filter(isPresent).map((value) => [...textOf(value)].length);
  const numbers = { before: lengths(a), after: lengths(b) };
  return { measure: 'lengths' as const, drift: compareNumbers(numbers.before, numbers.after), numbers };
}

function valueChange(a: readonly unknown[], b: readonly unknown[]) {
  const [x, y] = [a.filter(isPresent).map(textOf), b.filter(isPresent).map(textOf)];
  const [before, after] = [countsOf(x), countsOf(y)];
  const share = (n: number, of: readonly string[]) => n / Math.max(1, of.length);
  const change = (v: { before: number; after: number }) => Math.abs(share(v.before, x) - share(v.after, y));
  const values = [...new Set([...before.keys(), ...after.keys()])]
    .map((value) => ({ value, before: before.get(value) ?? 0, after: after.get(value) ?? 0 }))
    .sort((p, q) => change(q) - change(p) || q.before - p.before);
  const drift = compareCounts(
    values.map((v) => v.before),
    values.map((v) => v.after),
    Math.min(x.length, y.length),
  );
  return { measure: 'values' as const, drift, values };
}

function countsOf(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isPresent(value: unknown): boolean {
  return value !== null && value !== undefined;
}
