import type { RecordStore } from '../store.ts';

/**
 * Every digest that is written in any file under `llmops/` that any ref, reflog, worktree or index reaches, or one of
 * `more` (commits and tags). It reads texts, not records: a damaged record keeps its files, too.
 */
export async function reachableDigests(store: RecordStore, more: readonly string[] = []): Promise<Set<string>> {
  const { git, read } = store.repository;
  const everything = ['--all', '--reflog', '--indexed-objects', '--stdin'];
  const input = [...more, '--', 'llmops', ''].join('\n');
  const listing = await git(['rev-list', '--objects', '--full-history', ...everything], { input });
  const oids = listing.split('\n').flatMap((line) => (line.includes(' llmops/') ? [line.split(' ')[0]!] : []));
  const digests = new Set<string>();
  for (let start = 0; start < oids.length; start += chunk) {
    for (const object of await read(oids.slice(start, start + chunk))) {
      if (object?.type !== 'blob') continue;
      for (const [digest] of object.content.toString('latin1').matchAll(/sha256:[0-9a-f]{64}/g)) digests.add(digest);
    }
  }
  return digests;
}

const chunk = 2000;
