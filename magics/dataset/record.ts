import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ColumnTable } from 'arquero';
import { UserError } from '../errors.ts';
import { captureEnvironment } from '../governance/environment.ts';
import { createGit } from '../governance/git.ts';
import { sortKeys } from '../governance/json.ts';
import { openStore } from '../governance/open-store.ts';
import { type DatasetRecord, type Input, type ObjectPointer, recordName, recordPath } from '../governance/records.ts';
import type { ObjectStore, RecordStore } from '../governance/store.ts';
import { canonicalLines } from './canonical.ts';
import { createDataset, type Dataset } from './dataset.ts';
import { parseJsonLines } from './formats/json.ts';
import { malformedRows } from './formats/malformed.ts';
import { readText } from './read-file.ts';
import { toTable } from './table.ts';

/** Where a data set comes from: its inputs by digest and the step that made it of them. */
export interface Lineage {
  readonly inputs: readonly Input[];
  readonly recipe: DatasetRecord['recipe'];
}

/** The data set, recorded; or, outside a git repository, with the reason why not. */
export interface Recorded {
  readonly dataset: Dataset;
  /** True when the same record stood there already: no commit was made. */
  readonly unchanged: boolean;
  readonly notRecorded?: string;
}

/** Commits the record of a table and stores its rows. The same table from the same inputs makes no second commit. */
export async function recordDataset(
  name: string,
  table: ColumnTable,
  lineage: Lineage,
  place: { folder: string; notebook?: string },
): Promise<Recorded> {
  const dataset = createDataset(checkName(name), table);
  let store: RecordStore;
  try {
    store = await openStore(place.folder);
  } catch (error) {
    if (!isNoRepository(error)) throw error;
    return { dataset, unchanged: false, notRecorded: error.message };
  }
  const before = await store.read('dataset', name);
  const object = await storeRows(store.objects, dataset);
  const record: DatasetRecord = {
    schemaVersion: 1,
    kind: 'dataset',
    createdAt: new Date().toISOString(),
    name,
    digest: dataset.digest,
    rows: dataset.rowCount,
    columns: [...dataset.columns],
    inputs: [...lineage.inputs],
    recipe: [...lineage.recipe],
    object,
  };
  if (before !== undefined && isSame(before, record)) {
    return { dataset: withCommit(dataset, await commitOf(store, before)), unchanged: true };
  }
  const notebook = place.notebook === undefined ? undefined : path.relative(store.folder, place.notebook);
  const environment = await captureEnvironment(place.folder, notebook === undefined ? {} : { notebook });
  const message = `Data set ${name}: ${dataset.rowCount} rows\n\nDigest: ${dataset.digest}`;
  const { commit } = await store.commit({ records: [{ ...record, environment }], message });
  return { dataset: withCommit(dataset, commit), unchanged: false };
}

/** The recorded data set of that name, read back from its stored rows; undefined when there is no such record. */
export async function readRecorded(store: RecordStore, name: string): Promise<Dataset | undefined> {
  const record = recordName.safeParse(name).success ? await store.read('dataset', name) : undefined;
  if (record === undefined) return undefined;
  const text = await readText(await store.objects.file(record.object));
  const { rows } = parseJsonLines(text, malformedRows(record.object.path, false));
  const columns = record.columns.map((column) => column.name);
  const known = { digest: record.digest, columns: record.columns, commit: await commitOf(store, record) };
  return createDataset(name, await toTable(rows, columns), known);
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
  const essence = ({ digest, columns, inputs, recipe }: DatasetRecord) =>
    JSON.stringify(sortKeys({ digest, columns, inputs, recipe }));
  return essence(before) === essence(now);
}

async function storeRows(objects: ObjectStore, dataset: Dataset): Promise<ObjectPointer> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'llmops-rows-'));
  try {
    const file = path.join(folder, 'rows.jsonl');
    await pipeline(Readable.from(chunks(canonicalLines(dataset.table))), createWriteStream(file));
    return await objects.putFile(file, `${dataset.name}.jsonl`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function* chunks(lines: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const line of lines) {
    chunk += line;
    if (chunk.length > 1_000_000) {
      yield chunk;
      chunk = '';
    }
  }
  yield chunk;
}

async function commitOf(store: RecordStore, record: DatasetRecord): Promise<string | undefined> {
  const log = await createGit(store.folder)(['log', '-1', '--format=%H', '--', recordPath(record)]);
  return log.trim() || undefined;
}

function withCommit(dataset: Dataset, commit: string | undefined): Dataset {
  return createDataset(dataset.name, dataset.table, { digest: dataset.digest, columns: dataset.columns, commit });
}

function badName(name: string): UserError {
  return new UserError(
    `"${name}" cannot name a data set: use letters, digits, ".", "_" and "-", at most 100, for example --as tickets.`,
    { offending: name },
  );
}
