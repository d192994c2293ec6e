import type { Dataset } from '../dataset.ts';
import { count } from '../display.ts';
import { type Finding, percent } from '../finding.ts';
import type { PiiKind } from '../pii/entity.ts';
import { findPii } from '../pii/find-pii.ts';
import { findTextKinds, listKinds, type TextKinds } from './text-kinds.ts';

/** Rows that are looked at; in longer data sets they are spread evenly. */
const sampledRows = 1000;

/** Personal data in a column, as far as a sample shows it. */
export type PersonalData = TextKinds<PiiKind>;

/** Looks for personal data in the columns; those without any are left out. */
export function findPersonalData(dataset: Dataset, columns: readonly string[]): PersonalData[] {
  const kindsOf = (text: string) => findPii(text).map(({ kind }) => kind);
  return columns
    .map((column) => findTextKinds(dataset, column, sampledRows, kindsOf))
    .filter(({ rows }) => rows.length > 0);
}

/** A finding for a column that holds some. The values themselves are not shown. */
export function personalDataFinding(
  name: string,
  total: number,
  { column, looked, rows, kinds }: PersonalData,
): Finding {
  const among = looked < total ? `of ${count(looked, 'row')} looked at` : `of ${count(total, 'row')}`;
  return {
    weight: 85,
    text: `"${column}" holds personal data in ${rows.length} ${among} (${percent(rows.length, looked)}): ${listKinds(kinds)}`,
    evidence: `row ${rows[0]! + 1}`,
    next: `%dataset redact ${name} --columns ${column}`,
    rows,
    isPrivate: true,
  };
}
