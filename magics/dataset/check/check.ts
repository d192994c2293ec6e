import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { MagicContext } from '../../context.ts';
import { UserError } from '../../errors.ts';
import { digestText } from '../../governance/objects.ts';
import { openStore } from '../../governance/open-store.ts';
import { block } from '../../html.ts';
import type { Dataset } from '../dataset.ts';
import { count } from '../display.ts';
import { fileNotFound } from '../file-not-found.ts';
import { asOption, datasetOption } from '../options.ts';
import { listedRows, type RowTable, rowsToShow, rowTableParts } from '../prepare/row-table.ts';
import { isNoRepository } from '../record.ts';
import { resolveDataset } from '../resolve.ts';
import { checkRules, type RuleResult } from './check-rules.ts';
import { parseRules, type Rules, rulesSchema } from './rules.ts';

export const checkOptions = z.strictObject({
  data: datasetOption.describe('data set or file'),
  rules: z.string().optional().describe('YAML or JSON file with the rules; or write them below the line'),
  ...rulesSchema.shape,
  as: asOption,
});
type CheckOptions = z.output<typeof checkOptions>;

/** What `%dataset check` gives when every rule is met. */
export interface DataCheck {
  readonly name: string;
  readonly digest: string;
  readonly passed: true;
  readonly rules: readonly RuleResult[];
  /** Commit of the record that says so; absent outside a repository and for files. */
  readonly commit?: string;
}

/**
 * Holds a data set against rules and records the outcome in its record, where a policy can ask for it. The rows that break
 * a rule are shown, and the cell fails, so that nothing below it runs on data that is not as it should be.
 */
export async function check(options: CheckOptions, context: MagicContext): Promise<DataCheck> {
  const { data, rules: file, as: _, ...inCell } = options;
  const dataset = await resolveDataset(data, context.folder);
  const rules = await readRules(file, inCell, context.folder);
  const results = checkRules(dataset, rules);
  const commit = await recordCheck(dataset, rules, results, context.folder);
  const failed = results.filter((result) => !result.passed);
  const broken = await Promise.all(failed.map((result) => brokenRows(dataset, result)));
  const tables = rowTableParts([rulesTable(results), ...broken]);
  context.display(block(headline(dataset, results, commit), tables.parts, tables.text));
  if (failed.length > 0) throw rulesBroken(dataset, failed);
  const { name, digest } = dataset;
  return { name, digest, passed: true, rules: results, ...(commit === undefined ? {} : { commit }) };
}

async function readRules(file: string | undefined, inCell: unknown, folder: string): Promise<Rules> {
  if (file === undefined) return parseRules(inCell, 'the cell');
  const absolute = path.resolve(folder, file);
  const text = await readFile(absolute, 'utf8').catch(async (error: NodeJS.ErrnoException) => {
    throw await fileNotFound(file, absolute, error);
  });
  try {
    return parseRules(parse(text), file);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw notYaml(file, cause);
  }
}

/** Writes the outcome into the data set's record; a data set without one, or whose record has other rows, stays as it is. */
async function recordCheck(
  { name, digest }: Dataset,
  rules: Rules,
  results: readonly RuleResult[],
  folder: string,
): Promise<string | undefined> {
  const store = await openStore(folder).catch((error: unknown) => {
    if (isNoRepository(error)) return undefined;
    throw error;
  });
  const record = await store?.read('dataset', name).catch(() => undefined);
  if (store === undefined || record?.digest !== digest) return undefined;
  const checks = {
    rulesDigest: digestText(JSON.stringify(rules)),
    passed: results.every((result) => result.passed),
    results: results.map(({ rule, passed, finding, rows }) => ({ rule, passed, finding, rows: rows.length })),
  };
  const message = `Data set ${name} ${checks.passed ? 'meets' : 'does not meet'} its rules (${count(results.length, 'rule')})`;
  if (JSON.stringify(record.checks) === JSON.stringify(checks)) return undefined;
  return (await store.commit({ records: [{ ...record, checks }], message })).commit;
}

function headline({ name, rowCount }: Dataset, results: readonly RuleResult[], commit: string | undefined): string {
  const failed = results.filter((result) => !result.passed).length;
  const outcome =
    failed === 0 ? `meets ${count(results.length, 'rule')}` : `breaks ${failed} of ${count(results.length, 'rule')}`;
  const record = commit === undefined ? '' : `; committed ${commit.slice(0, 7)}`;
  return `${name} (${count(rowCount, 'row')}) ${outcome}${record}`;
}

function rulesTable(results: readonly RuleResult[]): RowTable {
  return {
    title: 'rules',
    columns: ['', 'rule', 'found'],
    rows: results.map(({ passed, rule, finding }) => [passed ? '✓' : '✗', rule, finding]),
    isOpen: true,
  };
}

async function brokenRows(dataset: Dataset, { rule, rows, isPrivate }: RuleResult): Promise<RowTable> {
  const table = await rowsToShow('row', dataset, rows);
  const title = `${table.title} where not: ${rule}`;
  return isPrivate === true
    ? { title, columns: ['row'], rows: rows.slice(0, listedRows).map((row) => [row + 1]) }
    : { ...table, title };
}

function rulesBroken({ name }: Dataset, failed: readonly RuleResult[]): UserError {
  const list = failed.map(({ rule, finding }) => `${rule} (${finding})`).join('; ');
  return new UserError(`${name} breaks ${count(failed.length, 'rule')}: ${list}. The rows are listed above.`);
}

function notYaml(file: string, cause: unknown): UserError {
  const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  return new UserError(`${file} is not YAML: ${why}`, { offending: file, cause });
}
