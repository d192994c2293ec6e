import { count } from './display.ts';
import type { Recorded } from './record.ts';

/** First line of what a verb shows: rows and columns, where from, and what became of the record. */
export function recordedHeadline({ dataset, unchanged, notRecorded }: Recorded, note: string): string {
  const size = `${count(dataset.rowCount, 'row')}, ${count(dataset.columns.length, 'column')}`;
  const commit = dataset.commit?.slice(0, 7);
  const record =
    commit === undefined
      ? `not recorded: ${notRecorded ?? ''}`
      : unchanged
        ? `unchanged since ${commit}`
        : `committed ${commit}`;
  return `${dataset.name}: ${size} ${note}; digest ${dataset.digest.slice(7, 15)}; ${record}`;
}
