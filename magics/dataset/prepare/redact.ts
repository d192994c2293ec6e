import { z } from 'zod';
import type { Row } from '../dataset.ts';
import { count } from '../display.ts';
import { mapRows } from '../map-rows.ts';
import { mapTexts } from '../map-texts.ts';
import { asOption, checkColumn, datasetOption, listOption } from '../options.ts';
import { type PiiKind, piiKinds } from '../pii/entity.ts';
import { findPii } from '../pii/find-pii.ts';
import { openPseudonyms, type Pseudonyms } from '../pii/pseudonyms.ts';
import type { RowTable } from './row-table.ts';
import { createRowTally, type RowTally } from './row-tally.ts';
import { defineStep } from './step.ts';

const kinds = listOption.pipe(z.array(z.enum(piiKinds)));

const options = z.strictObject({
  data: datasetOption.describe('data set or file'),
  columns: listOption.optional().describe('columns to look in; all when absent'),
  kinds: kinds.optional().describe(`kinds to replace; all when absent: ${piiKinds.join(', ')}`),
  how: z
    .enum(['mask', 'pseudonym'])
    .default('mask')
    .describe(
      'mask: <EMAIL_ADDRESS>; pseudonym: <EMAIL_ADDRESS:nbof…>, the same for the same value, turned back by restore',
    ),
  minimumScore: z.number().min(0).max(1).default(0.5).describe('how sure a finding must be'),
  as: asOption,
});
type Options = z.output<typeof options>;

/** Rows that are named for each kind. */
const namedRows = 10;

/** How often each kind was replaced, and in which rows. */
interface Replaced {
  readonly rows: RowTally;
  readonly kinds: Map<PiiKind, { pieces: number; readonly rows: RowTally }>;
}

/** Replaces personal data in texts, also within messages. The values are not shown. Pseudonyms depend on this machine's key. */
export const redact = defineStep({
  verb: 'redact',
  summary: 'Replace personal data: names, addresses, cards, accounts, identity numbers.',
  example: '%dataset redact tickets --how pseudonym --as safe',
  suffix: 'redacted',
  options,
  async apply(input, options) {
    const { source, folder } = input;
    const columns = (options.columns ?? source.columns.map(({ name }) => name)).map((name) =>
      checkColumn(source, name),
    );
    const pseudonyms = options.how === 'pseudonym' ? await openPseudonyms(folder) : undefined;
    const replaced: Replaced = { rows: createRowTally(0), kinds: new Map() };
    const redactRow = (row: Row, at: number) =>
      mapTexts(row, columns, (text) => redactText(text, at, options, replaced, pseudonyms));
    const table = await mapRows(input, redactRow, { sameColumns: true });
    await pseudonyms?.save();
    return { table, note: note(replaced), shown: [replacedTable(replaced)] };
  },
});

function redactText(
  text: string,
  row: number,
  { kinds, minimumScore }: Options,
  replaced: Replaced,
  pseudonyms: Pseudonyms | undefined,
): string {
  let result = '';
  let end = 0;
  for (const entity of findPii(text, { kinds, minimumScore })) {
    tally(replaced, entity.kind, row);
    result += text.slice(end, entity.start) + (pseudonyms?.of(entity.kind, entity.text) ?? `<${entity.kind}>`);
    end = entity.end;
  }
  return result + text.slice(end);
}

function tally({ rows, kinds }: Replaced, kind: PiiKind, row: number): void {
  const of = kinds.get(kind) ?? { pieces: 0, rows: createRowTally(namedRows) };
  of.pieces++;
  of.rows.add(row);
  rows.add(row);
  kinds.set(kind, of);
}

function note({ rows, kinds }: Replaced): string {
  const pieces = [...kinds.values()].reduce((sum, of) => sum + of.pieces, 0);
  if (pieces === 0) return 'in which no personal data was found';
  return `with ${count(pieces, 'piece')} of personal data replaced in ${count(rows.count, 'row')}`;
}

function replacedTable({ kinds }: Replaced): RowTable {
  const rows = [...kinds]
    .sort(([, a], [, b]) => b.pieces - a.pieces)
    .map(([kind, { pieces, rows: of }]) => [kind, pieces, of.count, of.first.map((row) => row + 1).join(', ')]);
  return { title: 'what was replaced', columns: ['kind', 'pieces', 'rows', 'first rows'], rows };
}
