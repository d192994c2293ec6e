import { recordNotFound } from './errors.ts';
import { type RecordKind, recordPath } from './records.ts';
import { parseReference } from './reference.ts';
import type { RecordStore } from './store.ts';

/** A record or prompt as `show` gives it. */
export interface FoundRecord {
  readonly kind: RecordKind | 'prompt';
  readonly name: string;
  /** Path within the repository. */
  readonly path: string;
  /** The record, or a prompt's text. */
  readonly value: unknown;
}

const allKinds = ['model', 'run', 'sweep', 'eval', 'dataset', 'deployment', 'prompt'] as const;

/**
 * Everything that `ref` names: `name`, `name@v1.0.0`, a run's or evaluation's id, or `kind/name` to tell equal names apart.
 * `at` is a tag, branch or commit. A UserError names the nearest record when there is none.
 */
export async function findRecords(store: RecordStore, ref: string, at?: string): Promise<FoundRecord[]> {
  const { kind, name, version } = parseReference(ref);
  const when = at ?? (version === undefined ? 'HEAD' : `refs/tags/${name}@${version}`);
  const versioned = ['model', 'prompt'] as const;
  const asked = (version === undefined ? allKinds : versioned).filter((k) => kind === undefined || k === kind);
  const answers = await Promise.all(asked.map((k) => findOne(store, k, name, when, version)));
  const found = answers.filter((answer) => answer !== undefined);
  if (found.length > 0) return found;
  const names = await Promise.all(allKinds.map((k) => store.names(k)));
  throw recordNotFound(ref, [...names.flat(), ...(await store.versions()).map((v) => v.ref)]);
}

async function findOne(
  store: RecordStore,
  kind: RecordKind | 'prompt',
  name: string,
  at: string,
  version: string | undefined,
): Promise<FoundRecord | undefined> {
  if (kind === 'prompt') {
    const path = `llmops/prompts/${name}.prompt`;
    const text = await store.readFile(path, { at });
    return text === undefined ? undefined : { kind, name, path, value: text };
  }
  const record = await store.read(kind, name, { at });
  // Models and prompts of one name share their tags: a model record says itself which version it is.
  if (record?.kind === 'model' && version !== undefined && record.version !== version) return undefined;
  return record === undefined ? undefined : { kind, name, path: recordPath(record), value: record };
}
