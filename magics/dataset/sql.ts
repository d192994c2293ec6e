import { z } from 'zod';
import type { MagicContext } from '../context.ts';
import { UserError } from '../errors.ts';
import { createDataset, type Dataset } from './dataset.ts';
import { count, datasetBundle } from './display.ts';
import { literal, withDatabase } from './large/database.ts';
import { queryTable } from './large/query.ts';
import { handOver } from './large/scratch-rows.ts';
import { selectRows } from './large/select-rows.ts';
import { asOption, datasetListOption } from './options.ts';
import { datasetInput, recordDatasets } from './record.ts';
import { recordedHeadline } from './recorded-headline.ts';
import { resolveDataset } from './resolve.ts';

export const sqlOptions = z.strictObject({
  body: z.string().describe("the query, in DuckDB's SQL; data sets stand behind FROM by their names"),
  data: datasetListOption.optional().describe('data sets without a record, as variables: --data ${mine}'),
  as: asOption,
});
type SqlOptions = z.output<typeof sqlOptions>;

/**
 * Runs a query over data sets by name and shows the rows. With `--as`, they are a data set whose record is the query and
 * the digests of what it read; so may be more than a million rows.
 */
export async function sql({ body, data = [], as }: SqlOptions, context: MagicContext): Promise<Dataset> {
  const query = body.trim().replace(/;\s*$/, '');
  const datasets = await findDatasets(query, data, context.folder);
  if (as === undefined) {
    const result = createDataset('result', await queryTable(query, datasets));
    context.display(datasetBundle(result, `${count(result.rowCount, 'row')}; keep them with --as NAME`));
    return result;
  }
  const table = await selectRows(query, datasets, context);
  const inputs = [...datasets.values()].map((dataset) => datasetInput(dataset));
  const item = { name: as, table, inputs, recipe: [{ verb: 'sql', options: { query } }] };
  const [recorded] = await handOver([table], () => recordDatasets([item], context));
  const from = [...datasets.keys()].join(', ') || 'no data set';
  context.display(datasetBundle(recorded!.dataset, recordedHeadline(recorded!, `by a query over ${from}`)));
  return recorded!.dataset;
}

async function findDatasets(query: string, data: readonly (string | Dataset)[], folder: string) {
  const given = await Promise.all(data.map((one) => resolveDataset(one, folder)));
  const datasets = new Map<string, Dataset>();
  for (const name of await tableNames(query)) {
    datasets.set(name, given.find((dataset) => dataset.name === name) ?? (await resolveDataset(name, folder)));
  }
  return datasets;
}

/** Names that stand behind FROM and JOIN, without those that the query itself defines. */
async function tableNames(query: string): Promise<string[]> {
  const parsed = await withDatabase(async (database) => {
    const [row] = await database.rows<{ tree: SqlTree }>(`SELECT json_serialize_sql(${literal(query)}) AS tree`);
    return row!.tree;
  });
  if (parsed.error) throw notQuery(parsed.error_message ?? '', query);
  const names = new Set<string>();
  const defined = new Set<string>();
  collect(parsed, names, defined);
  return [...names].filter((name) => !defined.has(name));
}

interface SqlTree {
  readonly error: boolean;
  readonly error_message?: string;
}

/** Walks a syntax tree as `json_serialize_sql` writes it. */
function collect(node: unknown, names: Set<string>, defined: Set<string>): void {
  if (typeof node !== 'object' || node === null) return;
  if ('type' in node && node.type === 'BASE_TABLE') {
    const { schema_name: schema, table_name: table } = node as unknown as Record<string, string>;
    names.add(schema ? `${schema}.${table}` : table!);
  }
  if ('cte_map' in node) {
    const { map } = node.cte_map as { map: { key: string }[] };
    for (const { key } of map) defined.add(key);
  }
  for (const child of Object.values(node)) collect(child, names, defined);
}

function notQuery(reason: string, query: string): UserError {
  const [, near] = /at or near "([^"]*)"/.exec(reason) ?? [];
  return new UserError(
    `This is no query that can be run: ${reason}. Write one SELECT over data sets by name: SELECT label, count(*) FROM tickets GROUP BY label`,
    { offending: near ?? query.split('\n', 1)[0] },
  );
}
