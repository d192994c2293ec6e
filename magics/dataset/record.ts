import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { ColumnTable } from 'arquero';
import { UserError } from '../errors.ts';
import { captureEnvironment } from '../governance/environment.ts';
import { sortKeys } from '../governance/json.ts';
import { openStore } from '../governance/open-store.ts';
import { type Input, recordName } from '../governance/record-parts.ts';
import { type DatasetRecord, recordPath } from '../governance/records.ts';
import type { RecordStore } from '../governance/store.ts';
import { createDataset, type Dataset } from './dataset.ts';
import { parseJsonLines } from './formats/json.ts';
import { malformedRows } from './formats/malformed.ts';
import { createLargeDataset } from './large/large-dataset.ts';
import { isLargeRows, type LargeRows } from './large/large-rows.ts';
import { readText } from './read-file.ts';
import { storeRows } from './store-rows.ts';
import { toTable } from './table.ts';

/** Where the work happens: the notebook's folder and, when there is one, its file. */
export interface Place {
  readonly folder: string;
  readonly notebook?: string;
}

/** A table to record under a name, and where it comes from. */
export interface NewDataset {
  readonly name: string;
  /** Rows in memory, or on disk. */
  readonly table: ColumnTable | LargeRows;
  /** Inputs by digest. A file is named by its absolute path; the record holds it relative to the repository. */
  readonly inputs: readonly Input[];
  /** The steps that made the table of the inputs. */
  readonly recipe: DatasetRecord['recipe'];
  /** SPDX identifier, where it is known. */
  readonly license?: string;
}

/** The data set, recorded; or, outside a git repository, with the reason why not. */
export interface Recorded {
  readonly dataset: Dataset;
  /** True when the same record stood there already: no commit was made. */
  readonly unchanged: boolean;
  readonly notRecorded?: string;
}

/** Records one table; see `recordDatasets`. */
export async function recordDataset(item: NewDataset, place: Place): Promise<Recorded> {
  return (await recordDatasets([item], place))[0]!;
}

/** Stores the rows of tables and commits their records, all in one commit. The same table from the same inputs is not committed twice. */
export async function recordDatasets(items: readonly NewDataset[], place: Place): Promise<Recorded[]> {
  const datasets = await Promise.all(items.map((item) => openRows(checkName(item.name), item.table)));
  const store = await openStore(place.folder).catch((error: unknown) => {
    if (isNoRepository(error)) return error;
    throw error;
  });
  if (store instanceof UserError) {
    return datasets.map((dataset) => ({ dataset, unchanged: false, notRecorded: store.message }));
  }
  const records = await Promise.all(items.map((item, i) => makeRecord(store, datasets[i]!, item, place)));
  const known = await Promise.all(
    records.map(async (record) => {
      const before = await store.read('dataset', record.name);
      return before !== undefined && isSame(before, record) ? commitOf(store, before) : undefined;
    }),
  );
  const fresh = records.filter((_, i) => known[i] === undefined);
  const commit =
    fresh.length === 0 ? undefined : (await store.commit({ records: fresh, message: messageOf(fresh) })).commit;
  return Promise.all(
    datasets.map(async (dataset, i) => ({
      dataset: await withCommit(dataset, known[i] ?? commit, await storedRows(store, dataset, records[i]!)),
      unchanged: known[i] !== undefined,
    })),
  );
}

/** The data set of a table, or of rows on disk. */
export function openRows(name: string, rows: ColumnTable | LargeRows): Dataset | Promise<Dataset> {
  return isLargeRows(rows) ? createLargeDataset(name, rows) : createDataset(name, rows);
}

/** Rows on disk are read from the store from now on: the file that they came in may go. */
async function storedRows(
  store: RecordStore,
  { large }: Dataset,
  record: DatasetRecord,
): Promise<LargeRows | undefined> {
  return large === undefined ? undefined : { ...large, file: await store.objects.file(record.object) };
}

async function makeRecord(
  store: RecordStore,
  dataset: Dataset,
  item: NewDataset,
  place: Place,
): Promise<DatasetRecord> {
  const notebook = place.notebook === undefined ? {} : { notebook: path.relative(store.folder, place.notebook) };
  return {
    schemaVersion: 1,
    kind: 'dataset',
    createdAt: new Date().toISOString(),
    name: dataset.name,
    digest: dataset.digest,
    rows: dataset.rowCount,
    columns: [...dataset.columns],
    inputs: await Promise.all(item.inputs.map((input) => withinRepository(input, store.folder))),
    recipe: [...item.recipe],
    license: item.license,
    object: await storeRows(store.objects, dataset),
    environment: await captureEnvironment(place.folder, notebook),
  };
}

/** A record holds no path of this machine: files are named relative to the repository, or by their name alone. */
async function withinRepository(input: Input, repository: string): Promise<Input> {
  if (input.kind !== 'file' || /^[a-z0-9]+:\/\//i.test(input.name)) return input;
  const relative = path.relative(repository, await realpath(input.name));
  const isInside = !relative.startsWith('..') && !path.isAbsolute(relative);
  return { ...input, name: isInside ? relative.split(path.sep).join('/') : path.basename(input.name) };
}

function messageOf(records: readonly DatasetRecord[]): string {
  const names = records.map((record) => record.name).join(', ');
  const lines = records.map((record) => `${record.name}: ${record.rows} rows, ${record.digest}`);
  return `Data set ${names}\n\n${lines.join('\n')}`;
}

/** The recorded data set of that name, read back from its stored rows; undefined when there is no such record. */
export async function readRecorded(store: RecordStore, name: string): Promise<Dataset | undefined> {
  const record = recordName.safeParse(name).success ? await store.read('dataset', name) : undefined;
  return record === undefined ? undefined : openRecord(store, record);
}

/** The rows that a record points to, as a data set of its name. */
export async function openRecord(store: RecordStore, record: DatasetRecord): Promise<Dataset> {
  if (record.object.path.endsWith('.parquet')) return readLarge(store, record);
  const text = await readText(await store.objects.file(record.object));
  const { rows } = parseJsonLines(text, malformedRows(record.object.path, false));
  const columns = record.columns.map((column) => column.name);
  const known = { digest: record.digest, columns: record.columns, commit: await commitOf(store, record) };
  return createDataset(record.name, await toTable(rows, columns), known);
}

async function readLarge(store: RecordStore, record: DatasetRecord): Promise<Dataset> {
  const { name, digest, columns, rows: rowCount } = record;
  const file = await store.objects.file(record.object);
  return createLargeDataset(name, { file, digest, columns, rowCount }, await commitOf(store, record));
}

/** How another record names this data set among its inputs. */
export function datasetInput(dataset: Dataset, role: Input['role'] = 'source'): Input {
  return { role, kind: 'dataset', name: dataset.name, digest: dataset.digest };
}

/** True for the error that says there is no git repository: data sets can be used without one, unrecorded. */
export function isNoRepository(error: unknown): error is UserError {
  return error instanceof UserError && error.message.includes('is not a git repository');
}

function checkName(name: string): string {
  const { success } = recordName.safeParse(name);
  if (!success) throw badName(name);
  return name;
}

function isSame(before: DatasetRecord, now: DatasetRecord): boolean {
  const essence = ({ digest, columns, inputs, recipe, license }: DatasetRecord) =>
    JSON.stringify(sortKeys({ digest, columns, inputs, recipe, license }));
  return essence(before) === essence(now);
}

async function commitOf(store: RecordStore, record: DatasetRecord): Promise<string | undefined> {
  const [last] = await store.log(recordPath(record), { limit: 1 });
  return last?.commit;
}

function withCommit(
  dataset: Dataset,
  commit: string | undefined,
  large: LargeRows | undefined,
): Dataset | Promise<Dataset> {
  const { name, digest, columns } = dataset;
  if (large !== undefined) return createLargeDataset(name, large, commit);
  return createDataset(name, dataset.table, { digest, columns, commit });
}

function badName(name: string): UserError {
  return new UserError(
    `"${name}" cannot name a data set: use letters, digits, ".", "_" and "-", at most 100, for example --as tickets.`,
    { offending: name },
  );
}
