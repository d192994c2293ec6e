import { headline } from '../../magics/governance/headline.ts';
import { modelVersions } from '../../magics/governance/model-versions.ts';
import { digestText } from '../../magics/governance/objects.ts';
import { openStore } from '../../magics/governance/open-store.ts';
import type { RecordKind, RecordOf } from '../../magics/governance/records.ts';
import type { RecordStore } from '../../magics/governance/store.ts';
import type { Command } from './command.ts';
import { parseArguments } from './parse-arguments.ts';
import { shortTime, textTable } from './text-table.ts';

/** What a list shows: the values for `--json`, the same as rows for people. */
interface Listing {
  readonly values: readonly unknown[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export const datasets = listCommand('datasets', 'data sets', '%dataset load FILE --as NAME', (store) =>
  listRecords(store, 'dataset', ['name', 'rows', 'columns', 'digest', 'created'], (d) => [
    d.name,
    d.rows,
    d.columns.length,
    d.digest.slice(7, 19),
    shortTime(d.createdAt),
  ]),
);

export const prompts = listCommand('prompts', 'prompts', '%%prompt NAME', async (store) => {
  const values: { name: string; version: string | null; digest: string; source: string }[] = [];
  for (const name of await store.names('prompt')) {
    const source = (await store.readFile(`llmops/prompts/${name}.prompt`)) ?? '';
    const [newest] = await store.versions(name);
    values.push({ name, version: newest?.version ?? null, digest: digestText(source), source });
  }
  const rows = values.map((p) => [p.name, p.version ?? '-', p.digest.slice(7, 19), p.source.split('\n').length - 1]);
  return { values, columns: ['name', 'version', 'digest', 'lines'], rows };
});

export const models = listCommand('models', 'models', '%finetune --as NAME', async (store) => {
  const values = await modelVersions(store);
  return {
    values,
    columns: ['model', 'stage', 'parameters', 'result', 'created'],
    rows: values.map(({ ref, stages, record, createdAt }) => [
      ref,
      stages.join(', ') || '-',
      record.parameters,
      headline(record.metrics) ?? '-',
      shortTime(createdAt),
    ]),
  };
});

export const runs = listCommand('runs', 'runs', '%finetune', (store) =>
  listRecords(store, 'run', ['run', 'model', 'status', 'result', 'seconds', 'created'], (r) => [
    r.id,
    r.model ?? r.name,
    r.status,
    headline(r.metrics) ?? '-',
    Math.round(r.seconds),
    shortTime(r.createdAt),
  ]),
);

export const evals = listCommand('evals', 'evaluations', '%eval MODEL --data NAME', (store) =>
  listRecords(store, 'eval', ['evaluation', 'model', 'task', 'result', 'created'], (e) => [
    e.id,
    e.model,
    e.task,
    headline(e.metrics) ?? '-',
    shortTime(e.createdAt),
  ]),
);

export const deployments = listCommand('deployments', 'deployments', '%deploy MODEL --as NAME', (store) =>
  listRecords(store, 'deployment', ['name', 'model', 'status', 'address', 'created'], (d) => [
    d.name,
    d.model,
    d.status,
    `${d.host}:${d.port}`,
    shortTime(d.createdAt),
  ]),
);

function listCommand(
  name: string,
  noun: string,
  maker: string,
  list: (store: RecordStore) => Promise<Listing>,
): Command {
  return {
    summary: `List the ${noun} recorded in this repository`,
    help: `Usage: llmops ${name} [--json]`,
    async run(args, io) {
      const { values } = parseArguments(args, { json: { type: 'boolean' } });
      const listing = await list(await openStore(io.folder));
      if (values.json) io.stdout(`${JSON.stringify(listing.values, null, 2)}\n`);
      else if (listing.rows.length === 0) io.stdout(`No ${noun} yet. Make one in a notebook: ${maker}\n`);
      else io.stdout(textTable(listing.columns, listing.rows));
      return 0;
    },
  };
}

/** Records of one kind, newest first. */
async function listRecords<K extends RecordKind>(
  store: RecordStore,
  kind: K,
  columns: readonly string[],
  row: (record: RecordOf<K>) => (string | number)[],
): Promise<Listing> {
  const values = (await store.list(kind)).sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  return { values, columns, rows: values.map(row) };
}
