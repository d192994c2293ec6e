import type { Dataset } from '../dataset.ts';
import { columnValues, textOf } from '../text.ts';
import { spreadRows } from './spread-rows.ts';

/** What kinds of something the texts of a column hold. Rows count from 0. */
export interface TextKinds<Kind extends string> {
  readonly column: string;
  /** Rows that were looked at, spread evenly over all of them. */
  readonly looked: number;
  /** Those of them that hold any. */
  readonly rows: readonly number[];
  /** Most frequent first. */
  readonly kinds: readonly KindRows<Kind>[];
}

/** One kind: how often it was found, and in which rows. */
export interface KindRows<Kind extends string> {
  readonly kind: Kind;
  readonly pieces: number;
  readonly rows: readonly number[];
}

/** Looks at `most` rows of a column at most, and counts the kinds that each text holds. */
export function findTextKinds<Kind extends string>(
  dataset: Dataset,
  column: string,
  most: number,
  kindsOf: (text: string) => readonly Kind[],
): TextKinds<Kind> {
  const values = columnValues(dataset, column);
  const looked = spreadRows(values.length, most);
  const pieces = new Map<Kind, number[]>();
  const rows = looked.filter((row) => {
    const found = kindsOf(textOf(values[row]));
    for (const kind of found) if (pieces.get(kind)?.push(row) === undefined) pieces.set(kind, [row]);
    return found.length > 0;
  });
  const kinds = [...pieces].map(([kind, of]) => ({ kind, pieces: of.length, rows: [...new Set(of)] }));
  return { column, looked: looked.length, rows, kinds: kinds.sort((a, b) => b.pieces - a.pieces) };
}

/** `card 3, fee 1`: the kinds with how often they were found. */
export function listKinds(kinds: readonly KindRows<string>[]): string {
  return kinds.map(({ kind, pieces }) => `${kind} ${pieces}`).join(', ');
}
