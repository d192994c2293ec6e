import type { Dataset } from '../dataset.ts';
import { count } from '../display.ts';
import { type Finding, quote } from '../finding.ts';
import { columnValues, normalizeText, textOf } from '../text.ts';

/** Texts that stand with more than one label. */
export interface Conflicts {
  /** Columns of the texts and of the labels. */
  readonly text: string;
  readonly label: string;
  readonly examples: readonly Conflict[];
}

/** One text, the labels that it has, and its rows, counted from 0. */
export interface Conflict {
  readonly text: string;
  readonly labels: readonly string[];
  readonly rows: readonly number[];
}

/** Looks for texts (case and white space aside) with several labels; blank ones do not count. */
export function findConflicts(dataset: Dataset, text: string, label: string): Conflicts {
  const labels = columnValues(dataset, label).map(textOf);
  const byText = new Map<string, { text: string; labels: Set<string>; rows: number[] }>();
  columnValues(dataset, text).forEach((value, row) => {
    const key = normalizeText(textOf(value));
    if (key === '') return;
    const entry = byText.get(key) ?? { text: textOf(value), labels: new Set(), rows: [] };
    entry.labels.add(labels[row]!);
    entry.rows.push(row);
    byText.set(key, entry);
  });
  const found = [...byText.values()].filter((entry) => entry.labels.size > 1);
  return { text, label, examples: found.map((entry) => ({ ...entry, labels: [...entry.labels] })) };
}

/** A finding where there are any. */
export function conflictFindings(name: string, { text, label, examples }: Conflicts): Finding[] {
  const [first] = examples;
  if (first === undefined) return [];
  return [
    {
      weight: 80,
      text: `${count(examples.length, 'text')} in "${text}" ${examples.length === 1 ? 'has' : 'have'} more than one "${label}"`,
      evidence: `${quote(first.text)}: ${first.labels.join(', ')}`,
      next: `%dataset dedup ${name} --on ${text} --normalize`,
      rows: examples.flatMap(({ rows }) => rows),
    },
  ];
}
