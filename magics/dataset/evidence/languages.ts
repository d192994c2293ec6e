import type { Dataset } from '../dataset.ts';
import { count } from '../display.ts';
import { type Finding, percent } from '../finding.ts';
import { detectLanguage } from './detect-language.ts';
import { findTextKinds } from './text-kinds.ts';

/** Rows that are looked at; in longer data sets they are spread evenly. */
const lookedRows = 5000;
/** Share of texts in other languages below which nothing is said: one in thousands may be a misreading. */
const leastShare = 0.002;

/** Languages of the texts of a column. */
export interface Languages {
  readonly column: string;
  /** Rows that were looked at, and how many of them do not show their language (short texts, codes). */
  readonly looked: number;
  readonly undetermined: number;
  /** Most frequent first, by ISO 639-1; rows count from 0. */
  readonly found: readonly { readonly language: string; readonly rows: readonly number[] }[];
}

/** Tells the languages of a column's texts. */
export function findLanguages(dataset: Dataset, column: string): Languages {
  const languagesOf = (text: string) => [detectLanguage(text)].filter((language) => language !== null);
  const { looked, rows, kinds } = findTextKinds(dataset, column, lookedRows, languagesOf);
  const found = kinds.map(({ kind, rows: of }) => ({ language: kind, rows: of }));
  return { column, looked, undetermined: looked - rows.length, found };
}

/** A finding where texts are in several languages. */
export function languageFindings({ column, found }: Languages): Finding[] {
  const [main, ...others] = found;
  if (main === undefined || others.length === 0) return [];
  const told = found.reduce((sum, { rows }) => sum + rows.length, 0);
  const rows = others.flatMap((other) => other.rows).sort((a, b) => a - b);
  if (rows.length < leastShare * told) return [];
  const list = others.slice(0, 5).map((other) => `${other.language} ${other.rows.length}`);
  return [
    {
      weight: 40,
      text: `"${column}" is in more than one language: ${main.language} in ${percent(main.rows.length, told)}, another one in ${count(rows.length, 'row')} (${list.join(', ')})`,
      rows,
    },
  ];
}

/** `mostly en (98.2%)`; undefined where no text shows its language. */
export function describeLanguages({ found, looked }: Languages): string | undefined {
  const [main] = found;
  return main === undefined ? undefined : `${main.language} in ${percent(main.rows.length, looked)}`;
}
