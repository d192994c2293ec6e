import type { RecordStore } from '../store.ts';
import type { Remote } from './remote.ts';
import { historyShallow, refsUnknown, refsUnreachable, remoteShared } from './remote-errors.ts';

/** The first commit of the records' history, the same in every copy; undefined where it is not here. */
export async function repositoryId({ repository }: RecordStore): Promise<string | undefined> {
  const { git, ref } = repository;
  if (await isShallow(repository)) return undefined;
  const roots = await git(['rev-list', '--max-parents=0', ref]).catch(() => '');
  return roots.trim().split('\n').sort()[0] || undefined;
}

/**
 * Commits and tags that the refs of all git remotes point to, so that their files are kept, too. A UserError says why
 * that cannot be told: something there was never fetched, the history is cut, another repository uses the place.
 */
export async function refsElsewhere({ repository }: RecordStore, remote: Remote): Promise<string[]> {
  if (await isShallow(repository)) throw historyShallow();
  const claims = await repository.read(await remote.claims());
  if (claims.includes(undefined)) throw remoteShared(remote.url);
  const names = (await repository.git(['remote'])).split('\n').filter((name) => name !== '');
  return (await Promise.all(names.map((name) => refsOf(repository, name)))).flat();
}

async function refsOf({ git, read }: RecordStore['repository'], remote: string): Promise<string[]> {
  const listing = await git(['ls-remote', '--quiet', remote]).catch((error: unknown) => {
    throw refsUnreachable(remote, error instanceof Error ? error.message : String(error));
  });
  const refs = listing.split('\n').flatMap((line) => {
    const [oid = '', ref = ''] = line.split('\t');
    return ref === '' || ref.endsWith('^{}') ? [] : [{ oid, ref }];
  });
  const objects = await read(refs.map(({ oid }) => oid));
  const unknown = refs.filter((_, i) => objects[i] === undefined).map(({ ref }) => ref);
  if (unknown.length > 0) throw refsUnknown(remote, unknown);
  return refs.map(({ oid }) => oid);
}

async function isShallow({ git }: RecordStore['repository']): Promise<boolean> {
  return (await git(['rev-parse', '--is-shallow-repository'])).trim() === 'true';
}
