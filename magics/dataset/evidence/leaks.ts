import type { Dataset } from '../dataset.ts';
import { count } from '../display.ts';
import { type Finding, percent, quote } from '../finding.ts';
import { columnValues, comparableText, textOf } from '../text.ts';

/** Rows of another data set whose text stands in this one too (case, white space and punctuation aside). */
export interface Leak {
  /** The other data set. */
  readonly against: string;
  readonly column: string;
  /** Rows of the other data set. */
  readonly total: number;
  /** Rows count from 0: `row` in the other data set, `of` the first such row here. */
  readonly rows: readonly { readonly row: number; readonly of: number; readonly text: string }[];
}

/** Texts of `other` that occur in `dataset`, in one column that both have. Blank texts do not count. */
export function findLeaks(dataset: Dataset, other: Dataset, column: string): Leak {
  const first = new Map<string, number>();
  columnValues(dataset, column).forEach((value, row) => {
    const key = comparableText(textOf(value));
    if (key !== '' && !first.has(key)) first.set(key, row);
  });
  const rows = columnValues(other, column).flatMap((value, row) => {
    const text = textOf(value);
    const of = first.get(comparableText(text));
    return of === undefined ? [] : [{ row, of, text }];
  });
  return { against: other.name, column, total: other.rowCount, rows };
}

/** A finding where rows of the other data set are here too. */
export function leakFindings(name: string, { against, column, total, rows }: Leak): Finding[] {
  if (rows.length === 0) return [];
  return [
    {
      weight: 95,
      text: `${count(rows.length, 'row')} of ${against} (${percent(rows.length, total)}) have a "${column}" that ${name} holds too: scores on ${against} will be too good`,
      evidence: `row ${rows[0]!.row + 1} of ${against} = row ${rows[0]!.of + 1}: ${quote(rows[0]!.text)}`,
      next: `%dataset dedup ${name} --on ${column} --against ${against}`,
      rows: [...new Set(rows.map(({ of }) => of))],
    },
  ];
}
