import { UserError } from '../../errors.ts';
import { canonicalJson } from '../canonical.ts';
import type { Dataset } from '../dataset.ts';
import { count } from '../display.ts';
import { findDuplicates, rowTexts } from '../duplicates.ts';
import { percent } from '../finding.ts';
import { findNearDuplicates } from '../near-duplicates.ts';
import { checkColumn } from '../options.ts';
import { findPii } from '../pii/find-pii.ts';
import { comparedColumns } from '../prepare/compared-columns.ts';
import { columnValues, textOf } from '../text.ts';
import type { Rules } from './rules.ts';

/** Whether one rule is met. */
export interface RuleResult {
  /** The rule in words: `"label" is one of card, fee`. */
  readonly rule: string;
  readonly passed: boolean;
  /** What was found: `3 rows (1.2%) are not`. */
  readonly finding: string;
  /** Rows that break it, counted from 0. */
  readonly rows: readonly number[];
  /** The rows hold what may not be shown: outputs of notebooks are committed and sent around. */
  readonly isPrivate?: boolean;
}

/** Holds a data set against rules, in their order. A column that is not there is an error, since its rule could never fail. */
export function checkRules(dataset: Dataset, rules: Rules): RuleResult[] {
  const each = <Value>(
    of: Readonly<Record<string, Value>> | undefined,
    check: (column: string, value: Value) => RuleResult,
  ) => Object.entries(of ?? {}).map(([column, value]) => check(checkColumn(dataset, column), value));
  const all = (names: readonly string[] | undefined, check: (column: string) => RuleResult) =>
    (names ?? []).map((column) => check(checkColumn(dataset, column)));
  return [
    ...(rules.rows === undefined ? [] : [rowCount(dataset, rules.rows)]),
    ...Object.entries(rules.columns ?? {}).map(([column, type]) => columnType(dataset, column, type)),
    ...all(rules.not_null, (column) => byValue(dataset, column, `"${column}" is never missing or blank`, isFilled)),
    ...all(rules.unique, (column) => uniqueValues(dataset, column)),
    ...each(rules.range, (column, { min, max }) =>
      byValue(
        dataset,
        column,
        `"${column}" is ${bounds(min, max)}`,
        (v) => v === null || isWithin(v as number, min, max),
      ),
    ),
    ...each(rules.length, (column, { min, max }) =>
      byValue(
        dataset,
        column,
        `the length of "${column}" is ${bounds(min, max)}`,
        (v) => v === null || isWithin([...textOf(v)].length, min, max),
      ),
    ),
    ...each(rules.matches, (column, pattern) => {
      const expression = wholeValue(pattern);
      return byValue(
        dataset,
        column,
        `"${column}" matches ${pattern}`,
        (v) => v === null || expression.test(textOf(v)),
      );
    }),
    ...each(rules.allowed, (column, values) => {
      const allowed = new Set<unknown>(values);
      return byValue(
        dataset,
        column,
        `"${column}" is one of ${values.join(', ')}`,
        (v) => v === null || allowed.has(v),
      );
    }),
    ...each(rules.balance, (column, { max_ratio }) => balanced(dataset, column, max_ratio)),
    ...(rules.duplicates === undefined ? [] : [fewDuplicates(dataset, rules.duplicates)]),
    ...(rules.no_pii === undefined ? [] : [noPersonalData(dataset, rules.no_pii)]),
  ];
}

function rowCount({ rowCount: rows }: Dataset, { min, max }: NonNullable<Rules['rows']>): RuleResult {
  const rule = `the number of rows is ${bounds(min, max)}`;
  return { rule, passed: isWithin(rows, min, max), finding: count(rows, 'row'), rows: [] };
}

function columnType({ columns }: Dataset, column: string, type: string): RuleResult {
  const found = columns.find(({ name }) => name === column)?.type;
  const rule = `"${column}" is a column of type ${type}`;
  return { rule, passed: found === type, finding: found ?? 'there is no such column', rows: [] };
}

function byValue(dataset: Dataset, column: string, rule: string, isMet: (value: unknown) => boolean): RuleResult {
  const rows = columnValues(dataset, column).flatMap((value, row) => (isMet(value ?? null) ? [] : [row]));
  return broken(dataset, rule, rows);
}

function broken(dataset: Dataset, rule: string, rows: readonly number[]): RuleResult {
  const finding =
    rows.length === 0 ? 'all rows' : `not in ${count(rows.length, 'row')} (${percent(rows.length, dataset.rowCount)})`;
  return { rule, passed: rows.length === 0, finding, rows };
}

function isFilled(value: unknown): boolean {
  return value !== null && !(typeof value === 'string' && value.trim() === '');
}

function uniqueValues(dataset: Dataset, column: string): RuleResult {
  const rows = findDuplicates(dataset, [column]).map(({ row }) => row);
  const finding = rows.length === 0 ? 'all different' : `${count(rows.length, 'row')} repeat an earlier value`;
  return { rule: `"${column}" is unique`, passed: rows.length === 0, finding, rows };
}

function balanced(dataset: Dataset, column: string, maxRatio: number): RuleResult {
  const counts = new Map<string, number>();
  for (const value of columnValues(dataset, column))
    counts.set(canonicalJson(value), (counts.get(canonicalJson(value)) ?? 0) + 1);
  const ordered = [...counts].sort((a, b) => b[1] - a[1]);
  const [[most, times], [least, rarest]] = [ordered[0]!, ordered.at(-1)!];
  const ratio = times / rarest;
  const rule = `the commonest "${column}" is at most ${maxRatio} times as frequent as the rarest`;
  const finding = `${ratio.toFixed(1)} times: ${most} ${times}, ${least} ${rarest}`;
  return { rule, passed: ratio <= maxRatio, finding, rows: [] };
}

function fewDuplicates(dataset: Dataset, { max_share, on, near }: NonNullable<Rules['duplicates']>): RuleResult {
  const names =
    near === undefined && on === undefined ? dataset.columns.map(({ name }) => name) : comparedColumns(dataset, on);
  const found =
    near === undefined ? findDuplicates(dataset, names) : findNearDuplicates(rowTexts(dataset, names), near);
  const rows = found.map(({ row }) => row);
  const kind = near === undefined ? 'duplicates' : `near duplicates (${near})`;
  const rule = `at most ${percent(max_share, 1)} of the rows are ${kind}`;
  const finding = `${count(rows.length, 'row')} (${percent(rows.length, dataset.rowCount)})`;
  const passed = rows.length <= max_share * dataset.rowCount;
  return { rule, passed, finding, rows: passed ? [] : rows };
}

/** All rows are looked at, unlike in a profile: a rule must not pass by luck. The values are not told. */
function noPersonalData(dataset: Dataset, wanted: NonNullable<Rules['no_pii']>): RuleResult {
  const kinds = wanted === true ? undefined : wanted;
  const seen = new Map<string, number>();
  const rows = new Set<number>();
  for (const { name } of dataset.columns) {
    columnValues(dataset, name).forEach((value, row) => {
      for (const { kind } of typeof value === 'number' ? [] : findPii(textOf(value), { kinds })) {
        seen.set(kind, (seen.get(kind) ?? 0) + 1);
        rows.add(row);
      }
    });
  }
  const rule = `no personal data${kinds === undefined ? '' : ` of the kinds ${kinds.join(', ')}`}`;
  const list = [...seen].map(([kind, n]) => `${kind} ${n}`).join(', ');
  return {
    rule,
    passed: rows.size === 0,
    finding: rows.size === 0 ? 'none found' : `in ${count(rows.size, 'row')}: ${list}`,
    rows: [...rows],
    isPrivate: true,
  };
}

/** `between 1 and 5`, `at least 1`, `at most 5` */
function bounds(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) return `between ${min} and ${max}`;
  return min === undefined ? `at most ${max}` : `at least ${min}`;
}

function isWithin(value: number, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): boolean {
  return value >= min && value <= max;
}

function wholeValue(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u');
  } catch (cause) {
    throw badPattern(pattern, cause);
  }
}

function badPattern(pattern: string, cause: unknown): UserError {
  return new UserError(`"${pattern}" is not a regular expression: ${cause instanceof Error ? cause.message : cause}.`, {
    offending: pattern,
    cause,
  });
}
