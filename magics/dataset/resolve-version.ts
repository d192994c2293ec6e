import { UserError } from '../errors.ts';
import { openStore } from '../governance/open-store.ts';
import type { Dataset } from './dataset.ts';
import { openRecord } from './record.ts';
import { resolveDataset } from './resolve.ts';

/** As `resolveDataset`, and `name@REF` for the data set as it was recorded at a commit, tag or branch. */
export async function resolveVersion(value: string | Dataset, folder: string): Promise<Dataset> {
  const [, name, at] = typeof value === 'string' ? (/^([\w.-]+)@([^@\s]+)$/.exec(value) ?? []) : [];
  if (name === undefined || at === undefined) return resolveDataset(value, folder);
  const store = await openStore(folder);
  const record = await store.read('dataset', name, { at }).catch((cause: unknown) => {
    throw notThere(name, at, cause);
  });
  if (record === undefined) throw notThere(name, at);
  const dataset = await openRecord(store, record);
  return Object.defineProperty(dataset, 'name', { value: `${name}@${at}`, enumerable: true });
}

function notThere(name: string, at: string, cause?: unknown): UserError {
  return new UserError(
    `Data set ${name} was not recorded at "${at}", or there is no such commit, tag or branch. List its commits with: git log -- llmops/datasets/${name}.json`,
    { offending: at, cause },
  );
}
