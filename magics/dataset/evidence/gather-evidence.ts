import type { Dataset } from '../dataset.ts';
import { findDuplicates } from '../duplicates.ts';
import type { Evidence, Repeats } from '../findings.ts';
import type { WholeCounts } from '../large/profile-columns.ts';
import { checkColumn } from '../options.ts';
import type { ColumnProfile } from '../profile-column.ts';
import type { Turns } from '../turns.ts';
import { findConflicts } from './conflicts.ts';
import { findCorrelations } from './correlations.ts';
import { findLabelSlices } from './label-slices.ts';
import { findLanguages } from './languages.ts';
import { findLeaks } from './leaks.ts';
import { findPersonalData } from './personal-data.ts';
import { findRepeatedTexts } from './repeated-texts.ts';
import { findToxicity } from './toxicity.ts';
import { recogniseFormat } from './training-format.ts';

/** A data set that is looked over, and what is known of it so far. */
export interface LookedOver {
  readonly source: Dataset;
  /** The rows that are looked at one by one: all of them, or a sample. */
  readonly dataset: Dataset;
  readonly columns: readonly ColumnProfile[];
  /** Counts over all rows, where `dataset` is a sample. */
  readonly whole?: WholeCounts;
  /** Other data sets that may hold the same texts. */
  readonly others: readonly Dataset[];
  /** Columns of the texts and of the labels, where there are any. */
  readonly text?: string;
  readonly label?: string;
}

/** Gathers what findings are made from. */
export async function gatherEvidence(of: LookedOver, turns: Turns): Promise<Evidence> {
  const { source, dataset, columns, others, text, label } = of;
  const named = (...kinds: ColumnProfile['kind'][]) => columns.filter((c) => kinds.includes(c.kind)).map((c) => c.name);
  const { exact, normalized } = repeats(of);
  const known = new Set(normalized.rows.map(({ row }) => row));
  const texts = named('text', 'category');
  return {
    name: source.name,
    rows: source.rowCount,
    dataset,
    columns,
    duplicates: exact,
    normalizedDuplicates: normalized,
    repeatedTexts: text === undefined ? undefined : await findRepeatedTexts(dataset, text, known, turns),
    conflicts: text === undefined || label === undefined ? undefined : findConflicts(dataset, text, label),
    leaks: text === undefined ? [] : others.map((other) => findLeaks(dataset, other, checkColumn(other, text))),
    personalData: findPersonalData(dataset, texts),
    languages: text === undefined ? undefined : findLanguages(dataset, text),
    toxicity: texts.map((column) => findToxicity(dataset, column)),
    correlations: findCorrelations(dataset, named('number')),
    slices: label === undefined ? [] : findLabelSlices(dataset, label, named('category', 'boolean')),
    format: recogniseFormat(dataset),
  };
}

/** Rows that repeat an earlier one; in a sample, those of the sample, and the number of all of them. */
function repeats({ dataset, whole }: LookedOver): { exact: Repeats; normalized: Repeats } {
  const names = dataset.columns.map(({ name }) => name);
  const [rows, normalizedRows] = [findDuplicates(dataset, names), findDuplicates(dataset, names, true)];
  return {
    exact: { length: whole?.duplicates ?? rows.length, rows },
    normalized: { length: whole?.duplicates ?? normalizedRows.length, rows: normalizedRows },
  };
}
