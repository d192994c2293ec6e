import type { MimeBundle } from '../context.ts';
import { block, table as htmlTable } from '../html.ts';
import type { Dataset } from './dataset.ts';
import { textTable } from './display.ts';
import { percent } from './findings.ts';
import type { Recorded } from './record.ts';

const names = ['data set', 'rows', 'share', 'digest'];

/** What a split gave: the parts with their sizes, how the rows were dealt, and what became of the records. */
export function splitBundle(
  source: Dataset,
  recorded: readonly Recorded[],
  { by, stratify, seed }: { by?: string; stratify?: string; seed: number },
): MimeBundle {
  const rows = recorded.map(({ dataset: { name, rowCount, digest } }) => [
    name,
    rowCount,
    percent(rowCount, source.rowCount),
    digest.slice(7, 15),
  ]);
  const parts = recorded.map(({ dataset }) => `${dataset.name} (${dataset.rowCount.toLocaleString('en-US')})`);
  const how = [by && `no value of "${by}" in two parts`, stratify && `spread by "${stratify}"`, `seed ${seed}`];
  const headline = [`${source.name} split into ${parts.join(', ')}`, ...how.filter(Boolean), state(recorded)].join(
    '; ',
  );
  const columns = names.map((name) => ({ name }));
  return block(headline, [htmlTable(columns, rows)], textTable(names, rows));
}

function state(recorded: readonly Recorded[]): string {
  const [first] = recorded;
  const commit = first?.dataset.commit?.slice(0, 7);
  if (commit === undefined) return `not recorded: ${first?.notRecorded ?? ''}`;
  return recorded.every((r) => r.unchanged) ? `unchanged since ${commit}` : `committed ${commit}`;
}
