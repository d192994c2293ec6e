import { digestText } from '../../governance/objects.ts';
import { type DatasetRecord, recordPath } from '../../governance/records.ts';
import type { RecordStore } from '../../governance/store.ts';
import type { Dataset } from '../dataset.ts';
import { findPersonalData, type PersonalData } from '../evidence/personal-data.ts';
import { type ColumnProfile, profileColumn } from '../profile-column.ts';
import { columnValues } from '../text.ts';

/** What a card is made from. */
export interface CardEvidence {
  readonly record: DatasetRecord;
  readonly columns: readonly ColumnProfile[];
  readonly personalData: readonly PersonalData[];
  /** The records of the data set and of what it was made from, nearest first. */
  readonly chain: readonly DatasetRecord[];
  /** Its own licence, or the one that all data sets have that its rows come from. */
  readonly license?: string;
  /** `evidence:PATH@DIGEST` of each of those records as committed, and of the rows, by record name. */
  readonly citations: ReadonlyMap<string, string>;
  readonly rowsCitation: string;
}

/** Gathers it from the records as they are now and from the rows. */
export async function gatherCardEvidence(
  store: RecordStore,
  record: DatasetRecord,
  dataset: Dataset,
): Promise<CardEvidence> {
  const chain = await chainOf(store, record);
  const citations = new Map<string, string>();
  for (const link of chain) {
    const path = recordPath(link);
    citations.set(link.name, `evidence:${path}@${digestText((await store.readFile(path)) ?? '')}`);
  }
  const columns = dataset.columns.map((column) => profileColumn(column, columnValues(dataset, column.name)));
  const texts = columns.filter(({ kind }) => kind === 'text' || kind === 'category').map(({ name }) => name);
  const rowsCitation = `evidence:${record.object.path}@${record.object.oid}`;
  return {
    record,
    columns,
    personalData: findPersonalData(dataset, texts),
    chain,
    license: licenseOf(record, chain),
    citations,
    rowsCitation,
  };
}

async function chainOf(store: RecordStore, first: DatasetRecord): Promise<DatasetRecord[]> {
  const chain = [first];
  for (const link of chain) {
    for (const { kind, name } of link.inputs) {
      if (kind !== 'dataset' || chain.some((known) => known.name === name)) continue;
      const record = await store.read('dataset', name);
      if (record !== undefined) chain.push(record);
    }
  }
  return chain;
}

/** Data sets that it was only held against do not count: none of their rows are in it. */
function licenseOf(record: DatasetRecord, chain: readonly DatasetRecord[]): string | undefined {
  if (record.license !== undefined) return record.license;
  const sources = record.inputs.filter(({ kind, role }) => kind === 'dataset' && role === 'source');
  const licenses = sources.map(({ name }) => {
    const source = chain.find((link) => link.name === name);
    return source === undefined ? undefined : licenseOf(source, chain);
  });
  return new Set(licenses).size === 1 ? licenses[0] : undefined;
}
