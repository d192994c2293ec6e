import { z } from 'zod';
import { count } from '../display.ts';
import { percent } from '../finding.ts';
import { mapRows } from '../map-rows.ts';
import { mapTexts } from '../map-texts.ts';
import { asOption, checkColumn, datasetOption, listOption } from '../options.ts';
import { listedRows } from './row-table.ts';
import { createRowTally } from './row-tally.ts';
import { defineStep } from './step.ts';
import { withoutHtml } from './without-html.ts';

const options = z.strictObject({
  data: datasetOption.describe('data set or file'),
  columns: listOption.optional().describe('columns to change; all when absent'),
  unicode: z
    .enum(['NFC', 'NFKC', 'keep'])
    .default('NFC')
    .describe('Unicode form; NFKC also folds wide letters and ligatures'),
  whitespace: z
    .boolean()
    .default(true)
    .describe(
      'runs of blanks become one, ends are trimmed, at most one empty line stays; --whitespace false keeps them',
    ),
  html: z.boolean().default(false).describe('take HTML out: tags, comments, scripts; entities become their characters'),
  case: z.enum(['keep', 'lower', 'upper']).default('keep').describe('letters'),
  as: asOption,
});
type Options = z.output<typeof options>;

/** One way in which texts are made alike. */
interface Rewriting {
  readonly name: string;
  rewrite(text: string): string;
}

/** Makes texts alike in Unicode form, white space, case and markup, and counts what each of these changed. */
export const normalise = defineStep({
  verb: 'normalise',
  summary: 'Make texts alike: Unicode form, white space, case, HTML taken out.',
  example: '%dataset normalise tickets --columns text --html --as plain',
  suffix: 'normalised',
  options,
  async apply(input, options) {
    const { source } = input;
    const columns = (options.columns ?? source.columns.map(({ name }) => name)).map((name) =>
      checkColumn(source, name),
    );
    const rewritings = rewritingsOf(options);
    const changed = new Map(rewritings.map(({ name }) => [name, createRowTally(0)]));
    const all = createRowTally(listedRows);
    const examples: (readonly [before: string, after: string])[] = [];
    const rewrite = (text: string, at: number) => {
      const after = rewritings.reduce((now, { name, rewrite: next }) => {
        const then = next(now);
        if (then !== now) changed.get(name)!.add(at);
        return then;
      }, text);
      if (after === text) return text;
      all.add(at);
      if (examples.length < all.first.length) examples.push([text, after]);
      return after;
    };
    const table = await mapRows(input, (row, at) => mapTexts(row, columns, (text) => rewrite(text, at)), {
      sameColumns: true,
    });
    const counts = [...changed].filter(([, rows]) => rows.count > 0).map(([name, rows]) => `${name} ${rows.count}`);
    return {
      table,
      note: `with ${count(all.count, 'row')} changed (${percent(all.count, source.rowCount)})${counts.length === 0 ? '' : `: ${counts.join(', ')}`}`,
      shown: [
        {
          title: count(all.count, 'changed row'),
          columns: ['row', 'before', 'after'],
          rows: examples.map(([before, after], i) => [all.first[i]! + 1, visible(before), after]),
        },
      ],
    };
  },
});

/** In the order in which they are applied: markup first, since it hides white space. */
function rewritingsOf({ html, unicode, whitespace, case: letters }: Options): Rewriting[] {
  return [
    ...(html ? [{ name: 'HTML', rewrite: withoutHtml }] : []),
    ...(unicode === 'keep' ? [] : [{ name: unicode, rewrite: (text: string) => text.normalize(unicode) }]),
    ...(whitespace ? [{ name: 'white space', rewrite: collapseBlanks }] : []),
    ...(letters === 'lower' ? [{ name: 'lower case', rewrite: (text: string) => text.toLowerCase() }] : []),
    ...(letters === 'upper' ? [{ name: 'upper case', rewrite: (text: string) => text.toUpperCase() }] : []),
  ];
}

function collapseBlanks(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\S\n]+/g, ' ')
    .replaceAll(/ ?\n ?/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

/** Blanks that cannot be seen, shown: tabs, line ends and no-break spaces. */
function visible(text: string): string {
  return text.replaceAll('\t', '⇥').replaceAll('\n', '⏎').replaceAll('\u00a0', '⍽').replaceAll(/ {2}/g, '␣␣');
}
