import { nameDiffersInCase, pathBlocked } from './errors.ts';
import { isFolder, makeTree, type ObjectFormat, parseTree, type TreeEntry } from './git-objects.ts';
import type { GitObject, ObjectReader } from './object-reader.ts';

/** A file to put in: its path below the tree and the blob's oid. */
export interface TreeFile {
  readonly path: string;
  readonly oid: string;
}

/** The changed tree, all new tree objects, and what lay at each path before. */
export interface ChangedTree {
  readonly oid: string;
  readonly objects: readonly GitObject[];
  readonly before: ReadonlyMap<string, string>;
}

/**
 * Puts files in a tree, reading only the folders on their way. Refuses a new name that differs from an existing one
 * in case alone, and a file where a folder is or the other way round.
 */
export async function putInTree(
  read: ObjectReader,
  format: ObjectFormat,
  tree: string | undefined,
  files: readonly TreeFile[],
): Promise<ChangedTree> {
  const objects: GitObject[] = [];
  const before = new Map<string, string>();

  async function change(oid: string | undefined, prefix: string, inside: readonly TreeFile[]): Promise<string> {
    const [object] = oid === undefined ? [] : await read([oid]);
    const entries = new Map((object === undefined ? [] : parseTree(object)).map((entry) => [entry.name, entry]));
    const folders = new Map<string, TreeFile[]>();
    for (const file of inside) {
      const [name = '', ...rest] = file.path.slice(prefix.length).split('/');
      if (rest.length > 0) folders.set(name, [...(folders.get(name) ?? []), file]);
      else {
        const old = place(entries, { mode: '100644', name, oid: file.oid }, prefix);
        if (old !== undefined) before.set(file.path, old.oid);
      }
    }
    for (const [name, own] of folders) {
      const old = entries.get(name);
      if (old !== undefined && !isFolder(old)) throw pathBlocked(`${prefix}${name}`);
      const changed = await change(old?.oid, `${prefix}${name}/`, own);
      place(entries, { mode: '40000', name, oid: changed }, prefix);
    }
    const changed = makeTree([...entries.values()], format);
    objects.push(changed);
    return changed.oid;
  }

  return { oid: await change(tree, '', files), objects, before };
}

/** Puts an entry in and gives the one that was there. */
function place(entries: Map<string, TreeEntry>, entry: TreeEntry, prefix: string): TreeEntry | undefined {
  const old = entries.get(entry.name);
  if (old === undefined) refuseNearTwin(entries, entry.name, prefix);
  else if (isFolder(old) !== isFolder(entry)) throw pathBlocked(`${prefix}${entry.name}`);
  entries.set(entry.name, entry);
  return old;
}

function refuseNearTwin(entries: ReadonlyMap<string, TreeEntry>, name: string, prefix: string): void {
  const folded = name.toLowerCase();
  for (const other of entries.keys()) {
    if (other.toLowerCase() === folded) throw nameDiffersInCase(`${prefix}${name}`, `${prefix}${other}`);
  }
}
