import { parseRecord } from '../parse-record.ts';
import type { AnyRecord, RecordKind } from '../records.ts';
import type { RecordStore } from '../store.ts';
import type { Problem } from './problem.ts';

/** A file under `llmops/` that a commit added, changed (`M`) or removed (`D`). */
export interface Change {
  readonly status: string;
  readonly path: string;
  /** Of the new content; zeros when removed. */
  readonly oid: string;
}

/** A commit that touched `llmops/`. */
export interface HistoryCommit {
  readonly commit: string;
  readonly parents: readonly string[];
  /** Committer's time, milliseconds since 1970. */
  readonly time: number;
  readonly changes: readonly Change[];
}

/** A record as some commit had it. */
export interface PastRecord {
  readonly path: string;
  readonly commit: string;
  readonly record: AnyRecord;
}

/** Everything that ever was under `llmops/`, oldest first, read in one walk. */
export interface History {
  readonly commits: readonly HistoryCommit[];
  readonly records: readonly PastRecord[];
  /** Commits that the records' ref reaches, also those that touched other files only. */
  readonly reachable: ReadonlySet<string>;
}

/** Walks the history and parses every record that it ever held; damaged ones become problems. */
export async function readHistory(store: RecordStore, problems: Problem[]): Promise<History> {
  const { git, ref } = store.repository;
  const [log, reachable] = await Promise.all([
    git(['log', '--reverse', '--full-history', ...rawFormat, ref, '--', 'llmops']),
    git(['rev-list', ref]),
  ]);
  const commits = log.split('\0').slice(1).map(parseCommit);
  return {
    commits,
    records: await readRecords(store, commits, problems),
    reachable: new Set(reachable.trimEnd().split('\n')),
  };
}

const rawFormat = ['--raw', '--no-abbrev', '--no-renames', '--diff-merges=first-parent', '--format=%x00%H %ct %P'];

function parseCommit(text: string): HistoryCommit {
  const [head = '', ...lines] = text.split('\n').filter((line) => line !== '');
  const [commit = '', seconds, ...parents] = head.trim().split(' ');
  const changes = lines.map((line) => {
    const [facts = '', path = ''] = line.split('\t');
    const [, , , oid = '', status = ''] = facts.split(' ');
    return { status, path, oid };
  });
  return { commit, time: Number(seconds) * 1000, parents, changes };
}

/** The kind of record that lies at a path; undefined for other files. */
export function kindAt(path: string): RecordKind | undefined {
  const [, folder, file] = /^llmops\/([a-z]+)\/(?:[^/]+\/)?([^/]+)\.json$/.exec(path) ?? [];
  if (folder === 'models') return file === 'model' ? 'model' : undefined;
  return folder === undefined ? undefined : kinds[folder];
}

const kinds: Readonly<Record<string, RecordKind>> = {
  datasets: 'dataset',
  runs: 'run',
  sweeps: 'sweep',
  evals: 'eval',
  deployments: 'deployment',
  approvals: 'approval',
  promotions: 'promotion',
};

async function readRecords(
  store: RecordStore,
  commits: readonly HistoryCommit[],
  problems: Problem[],
): Promise<PastRecord[]> {
  const changes = commits.flatMap(({ commit, changes }) => changes.map((change) => ({ ...change, commit })));
  const written = changes.filter(({ status, path }) => status !== 'D' && kindAt(path) !== undefined);
  const records: PastRecord[] = [];
  for (let start = 0; start < written.length; start += chunk) {
    const part = written.slice(start, start + chunk);
    const objects = await store.repository.read(part.map((change) => change.oid));
    part.forEach(({ path, commit, oid }, i) => {
      const content = objects[i]?.content;
      if (content === undefined)
        problems.push({ rule: 'history', subject: path, problem: `object ${oid} is missing`, commit });
      else {
        try {
          records.push({ path, commit, record: parseRecord(kindAt(path)!, content.toString('utf8'), path) });
        } catch (error) {
          problems.push({ rule: 'record', subject: path, problem: messageOf(error), commit });
        }
      }
    });
  }
  return records;
}

/** Records read at once: bounds the memory. */
const chunk = 2000;

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
