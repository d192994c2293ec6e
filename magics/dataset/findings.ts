import type { Dataset } from './dataset.ts';
import { count } from './display.ts';
import { columnFindings } from './evidence/column-findings.ts';
import { type Conflicts, conflictFindings } from './evidence/conflicts.ts';
import { type Correlation, correlationFindings } from './evidence/correlations.ts';
import { type LabelSlice, labelSliceFindings } from './evidence/label-slices.ts';
import { type Languages, languageFindings } from './evidence/languages.ts';
import { type Leak, leakFindings } from './evidence/leaks.ts';
import { type PersonalData, personalDataFinding } from './evidence/personal-data.ts';
import { type RepeatedTexts, repeatedTextFindings } from './evidence/repeated-texts.ts';
import { type Toxicity, toxicityFindings } from './evidence/toxicity.ts';
import { formatFindings, type TrainingFormat } from './evidence/training-format.ts';
import { type Finding, percent } from './finding.ts';
import type { ColumnProfile } from './profile-column.ts';

/** What the findings are made from. */
export interface Evidence {
  readonly name: string;
  readonly rows: number;
  /** The rows that were looked at one by one: all of them, or a sample. */
  readonly dataset: Dataset;
  readonly columns: readonly ColumnProfile[];
  /** Rows equal to an earlier row in all columns. */
  readonly duplicates: Repeats;
  /** As above, case and white space aside. */
  readonly normalizedDuplicates: Repeats;
  readonly repeatedTexts?: RepeatedTexts;
  readonly conflicts?: Conflicts;
  readonly leaks: readonly Leak[];
  readonly personalData: readonly PersonalData[];
  readonly languages?: Languages;
  readonly toxicity: readonly Toxicity[];
  readonly correlations: readonly Correlation[];
  readonly slices: readonly LabelSlice[];
  readonly format?: TrainingFormat;
}

/** How many rows repeat an earlier one, and which, where they are known. */
export interface Repeats {
  readonly length: number;
  readonly rows: readonly { readonly row: number; readonly of: number }[];
}

/** Findings, heaviest first. */
export function findings(evidence: Evidence): Finding[] {
  const { name, rows, dataset, columns, conflicts, repeatedTexts, languages } = evidence;
  const found = [
    ...evidence.leaks.flatMap((leak) => leakFindings(name, leak)),
    ...formatFindings(evidence.format),
    ...evidence.personalData.map((found) => personalDataFinding(name, rows, found)),
    ...(conflicts === undefined ? [] : conflictFindings(name, conflicts)),
    ...evidence.toxicity.flatMap(toxicityFindings),
    ...duplicateFindings(evidence),
    ...(repeatedTexts === undefined ? [] : repeatedTextFindings(name, repeatedTexts, conflicts)),
    ...labelSliceFindings(evidence.slices),
    ...(languages === undefined ? [] : languageFindings(languages)),
    ...correlationFindings(evidence.correlations),
    ...columns.flatMap((column) => columnFindings(name, rows, column, dataset)),
  ];
  return found.sort((a, b) => b.weight - a.weight);
}

function duplicateFindings({ name, rows, duplicates, normalizedDuplicates }: Evidence): Finding[] {
  const more = normalizedDuplicates.length - duplicates.length;
  const [first] = duplicates.rows;
  const exactRows = duplicates.rows.map(({ row }) => row);
  const known = new Set(exactRows);
  const exact: Finding = {
    weight: 50 + Math.min(25, (100 * duplicates.length) / rows),
    text: `${count(duplicates.length, 'exact duplicate')} (${percent(duplicates.length, rows)})`,
    evidence: first && `row ${first.row + 1} = row ${first.of + 1}`,
    next: `%dataset dedup ${name}`,
    rows: exactRows,
  };
  const normalized: Finding = {
    weight: 45,
    text: `${count(more, 'further duplicate')} (${percent(more, rows)}) differ only in case or white space`,
    next: `%dataset dedup ${name} --normalize`,
    rows: normalizedDuplicates.rows.map(({ row }) => row).filter((row) => !known.has(row)),
  };
  return [...(duplicates.length > 0 ? [exact] : []), ...(more > 0 ? [normalized] : [])];
}
