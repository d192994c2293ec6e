import { gitMessage } from './git.ts';
import { encodePack, makeObject } from './git-objects.ts';
import type { GitObject } from './object-reader.ts';
import { signingFailed } from './policy-errors.ts';
import type { ChangedTree } from './put-in-tree.ts';
import type { Committer, Repository } from './repository.ts';

/** A file as an object. */
export interface Blob {
  path: string;
  object: GitObject;
}

/** The commit that a ref is on. */
export interface Head {
  commit: string;
  tree: string;
  /** The ref itself does not exist yet. */
  isBase: boolean;
}

/** What a commit is made of. `signing`: options of `git commit-tree`, which then makes it. */
export interface NewCommit {
  tree: ChangedTree;
  head: Head | undefined;
  message: string;
  blobs: readonly Blob[];
  signing: readonly string[] | undefined;
}

export interface NamedTag {
  name: string;
  object: GitObject;
}

/** The commit with everything it needs; a signed one is made by git, which asks the user's signing program. */
export async function makeCommit(
  repository: Repository,
  { person, author }: Committer,
  { tree, head, message, blobs, signing }: NewCommit,
): Promise<{ oid: string; objects: GitObject[] }> {
  const objects = [...blobs.map((blob) => blob.object), ...tree.objects];
  if (signing !== undefined) {
    await storeObjects(repository, objects);
    const parent = head === undefined ? [] : ['-p', head.commit];
    return { oid: await signedCommit(repository, [...signing, ...parent, '-F', '-', tree.oid], message), objects: [] };
  }
  const lines = [
    `tree ${tree.oid}`,
    ...(head === undefined ? [] : [`parent ${head.commit}`]),
    `author ${author} ${timestamp(process.env.GIT_AUTHOR_DATE)}`,
    `committer ${person} ${timestamp(process.env.GIT_COMMITTER_DATE)}`,
  ];
  const commit = makeObject('commit', `${lines.join('\n')}\n\n${message.trimEnd()}\n`, repository.objectFormat);
  return { oid: commit.oid, objects: [...objects, commit] };
}

async function signedCommit({ git }: Repository, args: readonly string[], message: string): Promise<string> {
  const settings = args[0] === '-S' ? [] : ['-c', 'gpg.format=ssh'];
  try {
    return (await git([...settings, 'commit-tree', ...args], { input: message })).trim();
  } catch (error) {
    throw /sign|gpg|ssh-keygen|key/i.test(gitMessage(error)) ? signingFailed(gitMessage(error)) : error;
  }
}

/** An annotated tag on a commit. */
export function makeTag(
  { objectFormat }: Repository,
  { person }: Committer,
  commit: string,
  name: string,
  message: string,
): NamedTag {
  const tagger = `${person} ${timestamp(process.env.GIT_COMMITTER_DATE)}`;
  const text = `object ${commit}\ntype commit\ntag ${name}\ntagger ${tagger}\n\n${message.trimEnd()}\n`;
  return { name, object: makeObject('tag', text, objectFormat) };
}

/** Seconds since 1970 and the local time zone: now, or what git's variable says (ISO 8601, or seconds and zone). */
function timestamp(given: string | undefined): string {
  const inGitForm = /^@?(\d+ [+-]\d{4})$/.exec(given ?? '')?.[1];
  if (inGitForm !== undefined) return inGitForm;
  const parsed = given === undefined ? Number.NaN : Date.parse(given);
  const time = Number.isNaN(parsed) ? new Date() : new Date(parsed);
  const minutes = -time.getTimezoneOffset();
  const zone = Math.floor(Math.abs(minutes) / 60) * 100 + (Math.abs(minutes) % 60);
  return `${Math.floor(time.getTime() / 1000)} ${minutes < 0 ? '-' : '+'}${String(zone).padStart(4, '0')}`;
}

/** Puts objects into the repository, by git. */
export async function storeObjects({ git, objectFormat }: Repository, objects: readonly GitObject[]): Promise<void> {
  if (objects.length === 0) return;
  await git(['unpack-objects', '-q'], { input: encodePack(objects, objectFormat) });
}
