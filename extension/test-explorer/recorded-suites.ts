import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { EvalRecord } from '../../magics/governance/records.ts';
import type { RecordStore } from '../../magics/governance/store.ts';
import { type NewestByTask, newestByTask } from './task-outcome.ts';

/** What is recorded of one suite. */
export interface RecordedSuite {
  store: RecordStore;
  /** The newest evaluation of each task. */
  tasks: ReadonlyMap<string, EvalRecord>;
}

/** Finds what is recorded of a suite by its file's path; undefined outside the repositories. */
export type FindRecorded = (file: string) => Promise<RecordedSuite | undefined>;

/** Reads the records of suites. A repository's are read again only when one of its evaluations has changed. */
export function createRecordedSuites(): (stores: readonly RecordStore[]) => Promise<FindRecorded> {
  const known = new Map<string, { tree: string; newest: NewestByTask }>();

  async function read(store: RecordStore): Promise<NewestByTask> {
    const { folder, repository } = store;
    const [tree] = await repository.read([`${repository.ref}:llmops/evals`]);
    const before = known.get(folder);
    if (before !== undefined && before.tree === (tree?.oid ?? '')) return before.newest;
    const newest = newestByTask(await store.list('eval'));
    known.set(folder, { tree: tree?.oid ?? '', newest });
    return newest;
  }

  return async (stores) => {
    const repositories = await Promise.all(stores.map(async (store) => ({ store, newest: await read(store) })));
    // The innermost repository first.
    repositories.sort((a, b) => b.store.folder.length - a.store.folder.length);
    return async (file) => {
      const real = await realpath(file);
      for (const { store, newest } of repositories) {
        const name = path.relative(await realpath(store.folder), real);
        if (name.startsWith('..') || path.isAbsolute(name)) continue;
        return { store, tasks: newest.get(name.split(path.sep).join('/')) ?? new Map() };
      }
      return undefined;
    };
  };
}
