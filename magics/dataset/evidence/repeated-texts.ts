import type { Dataset } from '../dataset.ts';
import { count } from '../display.ts';
import { type Finding, percent, quote } from '../finding.ts';
import { findNearDuplicatesInTurns } from '../near-duplicates.ts';
import { columnValues, normalizeText, textOf } from '../text.ts';
import type { Turns } from '../turns.ts';
import type { Conflicts } from './conflicts.ts';

/** Texts at least this alike are near duplicates: a word more in a sentence. */
export const nearLikeness = 0.85;
/** Rows that are looked at; longer data sets have enough of them among the first. */
const lookedRows = 200_000;

/** Rows whose text was there before, though the rows differ. Rows count from 0. */
export interface RepeatedTexts {
  readonly column: string;
  /** Rows that were looked at, from the first on. */
  readonly looked: number;
  /** Equal but for case and white space. */
  readonly equal: readonly RepeatedText[];
  /** At least `nearLikeness` alike (Jaccard of 5-character shingles), not equal. */
  readonly near: readonly RepeatedText[];
}

export interface RepeatedText {
  readonly row: number;
  readonly of: number;
  readonly similarity: number;
  readonly text: string;
  readonly ofText: string;
}

/** Looks for texts of one column that repeat an earlier one. `known`: rows that are told of otherwise, such as exact duplicates. */
export async function findRepeatedTexts(
  dataset: Dataset,
  column: string,
  known: ReadonlySet<number>,
  turns?: Turns,
): Promise<RepeatedTexts> {
  const texts = columnValues(dataset, column).slice(0, lookedRows).map(textOf);
  const found = (await findNearDuplicatesInTurns(texts, nearLikeness, turns))
    .filter(({ row }) => !known.has(row) && texts[row]!.trim() !== '')
    .map((duplicate) => ({ ...duplicate, text: texts[duplicate.row]!, ofText: texts[duplicate.of]! }));
  const isEqual = ({ text, ofText }: RepeatedText) => normalizeText(text) === normalizeText(ofText);
  return {
    column,
    looked: texts.length,
    equal: found.filter(isEqual),
    near: found.filter((duplicate) => !isEqual(duplicate)),
  };
}

/** Findings of copies and of near copies. Texts with several labels are a finding of their own. */
export function repeatedTextFindings(
  name: string,
  { column, looked, equal, near }: RepeatedTexts,
  conflicts: Conflicts | undefined,
): Finding[] {
  const conflicting = new Set(conflicts?.examples.map(({ text }) => normalizeText(text)));
  const copies = equal.filter(({ text }) => !conflicting.has(normalizeText(text)));
  const copied: Finding = {
    weight: 48,
    text: `${count(copies.length, 'row')} (${percent(copies.length, looked)}) repeat the "${column}" of an earlier row, other columns aside`,
    evidence: copies[0] && likeOf(copies[0]),
    next: `%dataset dedup ${name} --on ${column} --normalize`,
    rows: copies.map(({ row }) => row),
  };
  const alike: Finding = {
    weight: 46,
    text: `${count(near.length, 'near duplicate')} (${percent(near.length, looked)}): "${column}" at least ${nearLikeness} like that of an earlier row`,
    evidence: near[0] && likeOf(near[0]),
    next: `%dataset dedup ${name} --on ${column} --near ${nearLikeness}`,
    rows: near.flatMap(({ row, of }) => [of, row]),
  };
  return [...(copies.length > 0 ? [copied] : []), ...(near.length > 0 ? [alike] : [])];
}

function likeOf({ row, of, text, ofText }: RepeatedText): string {
  return `row ${row + 1} is like row ${of + 1}: ${quote(text)} and ${quote(ofText)}`;
}
