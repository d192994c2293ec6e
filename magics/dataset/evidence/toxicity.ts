import type { Dataset } from '../dataset.ts';
import { count } from '../display.ts';
import { type Finding, percent } from '../finding.ts';
import { findTextKinds, listKinds, type TextKinds } from './text-kinds.ts';
import { findToxicKinds, type ToxicKind } from './toxic-terms.ts';

/** Rows that are looked at; in longer data sets they are spread evenly. */
const lookedRows = 20_000;

/** Toxic wording in a column's texts, by a list of English words. */
export type Toxicity = TextKinds<ToxicKind>;

/** Looks for toxic wording in a column. */
export function findToxicity(dataset: Dataset, column: string): Toxicity {
  return findTextKinds(dataset, column, lookedRows, findToxicKinds);
}

/** A finding where there is any. The texts are not quoted. */
export function toxicityFindings({ column, looked, rows, kinds }: Toxicity): Finding[] {
  if (rows.length === 0) return [];
  return [
    {
      weight: 70,
      text: `"${column}" has toxic words in ${count(rows.length, 'row')} (${percent(rows.length, looked)}): ${listKinds(kinds)}; by a list of English words, which knows no meaning`,
      evidence: `row ${rows[0]! + 1}`,
      rows,
      isPrivate: true,
    },
  ];
}
