import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import type { GitObject } from './object-reader.ts';

/** How a repository names its objects. */
export type ObjectFormat = 'sha1' | 'sha256';

/** An object with the name that git gives it: the hash of `<type> <size>\0<content>`. */
export function makeObject(type: GitObject['type'], content: string | Buffer, format: ObjectFormat): GitObject {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const oid = createHash(format).update(`${type} ${bytes.length}\0`).update(bytes).digest('hex');
  return { oid, type, content: bytes };
}

const typeNumbers = { commit: 1, tree: 2, blob: 3, tag: 4 } as const;

/** A pack of whole objects, as `git unpack-objects` takes it; gitformat-pack(5). */
export function encodePack(objects: readonly GitObject[], format: ObjectFormat): Buffer {
  const header = Buffer.alloc(12);
  header.write('PACK');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objects.length, 8);
  const entries = objects.flatMap(({ type, content }) => [
    entryHeader(typeNumbers[type], content.length),
    deflateSync(content, { level: 1 }),
  ]);
  const body = Buffer.concat([header, ...entries]);
  return Buffer.concat([body, createHash(format).update(body).digest()]);
}

/** Type and size: 4 bits of the size in the first byte, 7 in each that follows, lowest first. */
function entryHeader(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let byte = (type << 4) | (size & 15);
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(byte | 128);
    byte = rest & 127;
  }
  return Buffer.from([...bytes, byte]);
}

/** An entry of a tree. */
export interface TreeEntry {
  readonly mode: string;
  readonly name: string;
  readonly oid: string;
}

/** Entries of a tree object: `<mode> <name>\0<oid in binary>` each. */
export function parseTree({ oid: treeOid, content }: GitObject): TreeEntry[] {
  const oidBytes = treeOid.length / 2;
  const entries: TreeEntry[] = [];
  for (let offset = 0; offset < content.length; ) {
    const space = content.indexOf(32, offset);
    const end = content.indexOf(0, space);
    const mode = content.toString('latin1', offset, space);
    const name = content.toString('utf8', space + 1, end);
    offset = end + 1 + oidBytes;
    entries.push({ mode, name, oid: content.toString('hex', end + 1, offset) });
  }
  return entries;
}

/** A tree object of the entries, in git's order: by bytes, a folder as if its name ended in "/". */
export function makeTree(entries: readonly TreeEntry[], format: ObjectFormat): GitObject {
  const keyed = entries.map((entry) => ({ entry, key: Buffer.from(isFolder(entry) ? `${entry.name}/` : entry.name) }));
  keyed.sort((a, b) => Buffer.compare(a.key, b.key));
  const parts = keyed.flatMap(({ entry: { mode, name, oid } }) => [
    Buffer.from(`${mode} ${name}\0`),
    Buffer.from(oid, 'hex'),
  ]);
  return makeObject('tree', Buffer.concat(parts), format);
}

export const isFolder = (entry: TreeEntry): boolean => entry.mode === '40000';
