import { access } from 'node:fs/promises';
import { objectFile } from '../objects.ts';
import { pointersOf } from '../pointers.ts';
import type { ObjectPointer } from '../record-parts.ts';
import type { RecordStore } from '../store.ts';
import { checkLineage, checkRecords } from './check-records.ts';
import { checkSignatures } from './check-signatures.ts';
import { checkStages } from './check-stages.ts';
import { checkVersions } from './check-versions.ts';
import { type History, readHistory } from './history.ts';
import type { Problem } from './problem.ts';

/** What was looked at, and everything that is not as it should be. */
export interface Audit {
  readonly checked: {
    readonly commits: number;
    readonly records: number;
    readonly versions: number;
    readonly stages: number;
    readonly objects: number;
    /** Large files that this copy of the repository does not hold, so nothing is said about them. */
    readonly objectsElsewhere: number;
  };
  readonly problems: readonly Problem[];
}

/**
 * Walks the history of the records: every record is parsed, tags and records must agree, lineage must be there,
 * approvals signed, every stage change allowed by the policy of its time, and every large file intact.
 */
export async function audit(store: RecordStore): Promise<Audit> {
  const problems: Problem[] = await checkComplete(store);
  const [history, tags] = await Promise.all([readHistory(store, problems), store.tags()]);
  const registered = new Set(tags.filter((tag) => tag.action === 'register').map((tag) => tag.tag));
  problems.push(
    ...checkRecords(history),
    ...checkLineage(history, registered),
    ...(await checkVersions(store, history, tags)),
    ...(await checkStages(store, history, tags)),
    ...(await checkSignatures(store, history)),
  );
  const objects = await checkObjects(store, history, problems);
  const stages = tags.filter((tag) => tag.stage !== undefined).length;
  const { commits, records } = history;
  const checked = { commits: commits.length, records: records.length, versions: registered.size, stages, ...objects };
  return { checked, problems };
}

async function checkComplete({ repository }: RecordStore): Promise<Problem[]> {
  const isShallow = (await repository.git(['rev-parse', '--is-shallow-repository'])).trim() === 'true';
  const problem = 'this is a shallow clone, so older history is missing: git fetch --unshallow';
  return isShallow ? [{ rule: 'history', subject: 'repository', problem }] : [];
}

async function checkObjects(
  store: RecordStore,
  { records }: History,
  problems: Problem[],
): Promise<{ objects: number; objectsElsewhere: number }> {
  const pointers = new Map<string, { pointer: ObjectPointer; subject: string }>();
  for (const { record, path: subject } of records) {
    for (const pointer of pointersOf(record)) pointers.set(pointer.oid, { pointer, subject });
  }
  let objectsElsewhere = 0;
  for (const { pointer, subject } of pointers.values()) {
    const isHere = await access(objectFile(store.folder, pointer.oid)).then(
      () => true,
      () => false,
    );
    if (!isHere) objectsElsewhere++;
    else {
      await store.objects.file(pointer).catch((error: unknown) => {
        problems.push({ rule: 'object', subject, problem: error instanceof Error ? error.message : String(error) });
      });
    }
  }
  return { objects: pointers.size - objectsElsewhere, objectsElsewhere };
}
