import type { ColumnProfile } from '../profile-column.ts';
import type { Summary } from '../summary.ts';
import { type Database, type DatabaseOptions, identifier, withDatabase } from './database.ts';
import { fromParquet, type LargeRows } from './large-rows.ts';

/** What is counted over all rows. */
export interface WholeCounts {
  readonly columns: readonly ColumnProfile[];
  /** Rows equal to an earlier row in all columns. */
  readonly duplicates: number;
}

/**
 * Counts over all rows what the profile of a sample only estimates: missing values, numbers, lengths, categories, exact
 * duplicates. Quantiles of numbers and the number of different texts are approximate.
 */
export function countWhole(
  rows: LargeRows,
  sampled: readonly ColumnProfile[],
  options?: DatabaseOptions,
): Promise<WholeCounts> {
  return withDatabase(async (database) => {
    const from = fromParquet(rows.file);
    const parts = sampled.map((column, i) => aggregates(column, i)).join(', ');
    const [found] = await database.rows<Record<string, number>>(`SELECT ${parts} FROM ${from}`);
    const columns: ColumnProfile[] = [];
    for (const [i, column] of sampled.entries()) {
      columns.push(await wholeColumn(database, from, column, found!, i, rows.rowCount));
    }
    return { columns, duplicates: await countDuplicates(database, rows) };
  }, options);
}

function aggregates({ name, kind }: ColumnProfile, i: number): string {
  const column = identifier(name);
  const always = `count(${column}) AS present${i}, approx_count_distinct(${column}) AS distinct${i}`;
  if (kind === 'number') return `${always}, ${summarySql(column, i)}`;
  const isBlank = kind === 'text' || kind === 'category' ? `trim(CAST(${column} AS VARCHAR)) = ''` : 'false';
  return `${always}, count_if(${isBlank}) AS blank${i}`;
}

function summarySql(value: string, i: number): string {
  const quantiles = [25, 50, 75, 95].map((q) => `approx_quantile(${value}, ${q / 100}) AS q${q}_${i}`).join(', ');
  return `min(${value}) AS min${i}, max(${value}) AS max${i}, avg(${value}) AS mean${i}, coalesce(stddev_samp(${value}), 0) AS sd${i}, ${quantiles}`;
}

async function wholeColumn(
  database: Database,
  from: string,
  column: ColumnProfile,
  found: Readonly<Record<string, number>>,
  i: number,
  rows: number,
): Promise<ColumnProfile> {
  const present = found[`present${i}`]!;
  const whole = { ...column, missing: rows - present, distinct: Math.min(present, found[`distinct${i}`]!) };
  if (column.numbers !== undefined) return { ...whole, numbers: summaryOf(found, i, present) };
  const blank = found[`blank${i}`]!;
  if (column.values === undefined) return { ...whole, blank };
  const values = await database.rows<{ value: string; count: number }>(
    `SELECT CAST(${identifier(column.name)} AS VARCHAR) AS value, count(*) AS count FROM ${from} WHERE ${identifier(column.name)} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1000`,
  );
  return { ...whole, blank, values, distinct: values.length };
}

function summaryOf(found: Readonly<Record<string, number>>, i: number, count: number): Summary {
  const of = (key: string) => found[key]!;
  return {
    count,
    min: of(`min${i}`),
    p25: of(`q25_${i}`),
    median: of(`q50_${i}`),
    p75: of(`q75_${i}`),
    p95: of(`q95_${i}`),
    max: of(`max${i}`),
    mean: of(`mean${i}`),
    sd: of(`sd${i}`),
  };
}

/** Rows are grouped by a hash; those whose hash repeats are then compared themselves. */
async function countDuplicates(database: Database, { file, columns }: LargeRows): Promise<number> {
  const names = columns.map(({ name }) => identifier(name)).join(', ');
  const from = fromParquet(file);
  await database.run(
    `CREATE TEMP TABLE repeated AS SELECT hash(${names}) AS h FROM ${from} GROUP BY 1 HAVING count(*) > 1`,
  );
  const alike = `SELECT count(*) AS n FROM ${from} WHERE hash(${names}) IN (FROM repeated) GROUP BY ${names}`;
  const [found] = await database.rows<{ n: number | string }>(`SELECT coalesce(sum(n - 1), 0) AS n FROM (${alike})`);
  return Number(found!.n);
}
