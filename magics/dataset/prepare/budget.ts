import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { digestFile } from '../../governance/objects.ts';
import { resolveModel } from '../../governance/resolve-model.ts';
import type { Dataset } from '../dataset.ts';
import { count } from '../display.ts';
import { mapRows } from '../map-rows.ts';
import { mapTexts } from '../map-texts.ts';
import { asOption, datasetOption, listOption } from '../options.ts';
import { createRandom, shuffled } from '../random.ts';
import { eachText } from '../row-batches.ts';
import { takeRows } from '../take-rows.ts';
import { comparedColumns } from './compared-columns.ts';
import { cutToTokens, tokensOf } from './cut-to-tokens.ts';
import { rowsToShow } from './row-table.ts';
import { rowsWithout } from './rows-by-key.ts';
import { defineStep, type StepInput } from './step.ts';

const options = z.strictObject({
  data: datasetOption.describe('data set or file'),
  tokenizer: z.string().describe("whose tokens count: a model's folder, its name or name@version"),
  rowTokens: z.int().positive().optional().describe('tokens that a row may have'),
  tokens: z.int().positive().optional().describe('tokens that all rows may have together'),
  how: z.enum(['drop', 'cut']).default('drop').describe('what becomes of a row that is too long'),
  on: listOption.optional().describe('columns whose texts count; the free texts when absent'),
  seed: z.int().min(0).default(0).describe('rows for the budget of all rows are drawn with this seed'),
  as: asOption,
});
type Options = z.output<typeof options>;

/** Leaves rows out, or cuts their texts, so that the tokens fit. Special tokens and chat templates are not counted. */
export const budget = defineStep({
  verb: 'budget',
  summary: 'Leave rows out or cut them, so that they fit a budget of tokens.',
  example: '%dataset budget turns --tokenizer models/schedule-base --rowTokens 512 --tokens 1000000 --as fitting',
  suffix: 'fitting',
  options,
  async apply(input, options) {
    const { source } = input;
    if (options.rowTokens === undefined && options.tokens === undefined) throw noBudget();
    const columns = comparedColumns(source, options.on);
    const { tokenizer, file, digest } = await tokenizerOf(options.tokenizer, input);
    const before = new Int32Array(source.rowCount);
    const countTokens = (text: string, row: number) => {
      before[row] = tokensOf(text, tokenizer);
    };
    await eachText(source, columns, countTokens, input);
    const { rowTokens = Number.POSITIVE_INFINITY, how } = options;
    const isLong = (tokens: number) => tokens > rowTokens;
    const isCutting = how === 'cut' && before.some(isLong);
    const after = isCutting ? before.map((tokens) => Math.min(tokens, rowTokens)) : before;
    const kept = withinTotal(after, isLong, options);
    if (kept.length === 0) throw nothingFits(source, options);
    const removed = rowsWithout(source.rowCount, kept);
    const cut = isCutting ? kept.filter((row) => isLong(before[row]!)) : [];
    const extra = { name: 'tokens', of: (row: number) => before[row] };
    return {
      table: isCutting
        ? await cutRows(input, columns, removed, (text) => cutToTokens(text, rowTokens, tokenizer))
        : await takeRows(source, kept, input),
      note: `with ${count(sum(kept.map((row) => after[row]!)), 'token')} instead of ${count(sum(before), 'token')}; ${count(removed.length, 'row')} left out, ${cut.length} cut`,
      shown: [
        await rowsToShow('left-out row', source, removed, { extra }),
        await rowsToShow('cut row', source, cut, { extra }),
      ],
      inputs: [{ role: 'reference', kind: 'file', name: file, digest }],
    };
  },
});

/** The tokenizer of a folder or a model, with the digest of the file that decides its tokens. */
async function tokenizerOf(name: string, { folder, signal }: StepInput) {
  const { loadTokenizer } = await import('../../engine/tokenizer.ts');
  const fileIn = (of: string) => path.join(of, 'tokenizer.json');
  const local = path.resolve(folder, name);
  const found = await digestFile(fileIn(local)).catch(() => undefined);
  const of = found === undefined ? (await resolveModel(name, folder, { signal })).folder : local;
  return { tokenizer: await loadTokenizer(of), file: fileIn(of), digest: found ?? (await digestFile(fileIn(of))) };
}

/** Rows in their order that fit: each within its own budget, and all together, drawn at random, within the whole one. */
function withinTotal(tokens: Int32Array, isLong: (tokens: number) => boolean, { tokens: total, seed }: Options) {
  const short = [...tokens.keys()].filter((row) => !isLong(tokens[row]!));
  if (total === undefined || sum(short.map((row) => tokens[row]!)) <= total) return short;
  let left = total;
  const taken = shuffled(short, createRandom(seed)).filter((row) => {
    const fits = tokens[row]! <= left;
    if (fits) left -= tokens[row]!;
    return fits;
  });
  return taken.sort((a, b) => a - b);
}

/** The rows without those that were left out, the text of their one column cut. */
function cutRows(input: StepInput, columns: readonly string[], removed: Int32Array, cut: (text: string) => string) {
  const { source } = input;
  const isPlain = columns.length === 1 && columns.every((name) => isPlainText(source, name));
  if (!isPlain) throw cannotCut(columns);
  const isGone = new Set(removed);
  return mapRows(input, (row, at) => (isGone.has(at) ? undefined : mapTexts(row, columns, cut)), { sameColumns: true });
}

function isPlainText({ columns }: Dataset, name: string): boolean {
  return /^(string|null|string \| null)$/.test(columns.find((column) => column.name === name)!.type);
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function noBudget(): UserError {
  return new UserError('Say what the budget is: --rowTokens 512 for each row, --tokens 1000000 for all, or both.');
}

function cannotCut(columns: readonly string[]): UserError {
  return new UserError(
    `--how cut works on one column of plain text, not on ${columns.join(', ')}. Name the column with --on, or leave long rows out with --how drop.`,
    { offending: 'cut' },
  );
}

function nothingFits(source: Dataset, { rowTokens, tokens }: Options): UserError {
  const limits = [rowTokens && `--rowTokens ${rowTokens}`, tokens && `--tokens ${tokens}`]
    .filter(Boolean)
    .join(' and ');
  return new UserError(`No row of ${source.name} fits ${limits}. Give more tokens, or cut rows with --how cut.`);
}
