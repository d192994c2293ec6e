import type { MimeBundle } from '../../context.ts';
import { block, table as htmlTable } from '../../html.ts';
import type { Dataset } from '../dataset.ts';
import { count, textTable } from '../display.ts';
import { percent } from '../finding.ts';
import { comparedColumns } from '../prepare/compared-columns.ts';
import { listedRows, type RowTable, rowTableParts } from '../prepare/row-table.ts';
import type { Recorded } from '../record.ts';
import { lookAtTexts } from '../take-rows.ts';
import { type Deal, describeDeal, type Move } from './deal-rows.ts';

const columns = ['data set', 'rows', 'share', 'digest'];

/** What a split gave: the parts with their sizes, how the rows were dealt, what was moved, and what became of the records. */
export async function splitBundle(
  source: Dataset,
  recorded: readonly Recorded[],
  deal: Deal,
  moves: readonly Move[],
  partNames: readonly string[],
): Promise<MimeBundle> {
  const rows = recorded.map(({ dataset: { name, rowCount, digest } }) => [
    name,
    rowCount,
    percent(rowCount, source.rowCount),
    digest.slice(7, 15),
  ]);
  const parts = recorded.map(({ dataset }) => `${dataset.name} (${dataset.rowCount.toLocaleString('en-US')})`);
  const headline = [
    `${source.name} split into ${parts.join(', ')}`,
    ...describeDeal(deal, moves),
    state(recorded),
  ].join('; ');
  const moved = rowTableParts(moves.length === 0 ? [] : [await movedRows(source, moves, partNames)]);
  const table = htmlTable(
    columns.map((name) => ({ name })),
    rows,
  );
  return block(headline, [table, ...moved.parts], [...textTable(columns, rows), ...moved.text]);
}

async function movedRows(source: Dataset, moves: readonly Move[], partNames: readonly string[]): Promise<RowTable> {
  const listed = moves.slice(0, listedRows);
  const texts = comparedColumns(source, undefined);
  const textsAt = (rows: readonly number[]) => lookAtTexts(source, rows, texts);
  const moved = await textsAt(listed.map(({ row }) => row));
  const likes = await textsAt(listed.map(({ like }) => like));
  return {
    title: count(moves.length, 'moved row'),
    columns: ['row', 'moved', 'from', 'to', 'like row', 'its text'],
    rows: listed.map(({ row, from, to, like }, i) => [
      row + 1,
      moved[i],
      partNames[from],
      partNames[to],
      like + 1,
      likes[i],
    ]),
  };
}

function state(recorded: readonly Recorded[]): string {
  const [first] = recorded;
  const commit = first?.dataset.commit?.slice(0, 7);
  if (commit === undefined) return `not recorded: ${first?.notRecorded ?? ''}`;
  return recorded.every((r) => r.unchanged) ? `unchanged since ${commit}` : `committed ${commit}`;
}
