import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { objectDamaged, objectMissing } from './errors.ts';
import { localFolder } from './local-folder.ts';
import type { ObjectPointer } from './record-parts.ts';
import type { ObjectStore } from './store.ts';

/** Content-addressed files under `.llmops/objects/sha256/ab/cdef...`: written once, read-only, verified on first use. */
export function createObjectStore(repositoryFolder: string): ObjectStore {
  const verified = new Set<string>();
  const fileOf = (oid: string) => objectFile(repositoryFolder, oid);

  async function put(content: Readable, name: string): Promise<ObjectPointer> {
    const { temporary, oid, size } = await receive(content, path.join(await localFolder(repositoryFolder), 'objects'));
    const file = fileOf(oid);
    if (await isIntact(file, oid, size)) {
      await rm(temporary, { force: true });
    } else {
      await mkdir(path.dirname(file), { recursive: true });
      await replaceFile(temporary, file);
    }
    verified.add(oid);
    return { path: name, oid, size };
  }

  return {
    putFile: (file, name) => put(createReadStream(file), name),
    putText: (text, name) => put(Readable.from([Buffer.from(text)]), name),
    async file(pointer) {
      const file = fileOf(pointer.oid);
      const found = await stat(file).catch(() => undefined);
      if (found === undefined) throw objectMissing(pointer.path, pointer.oid);
      if (found.size !== pointer.size) throw objectDamaged(pointer.path, file);
      if (!verified.has(pointer.oid)) {
        if ((await digestFile(file)) !== pointer.oid) throw objectDamaged(pointer.path, file);
        verified.add(pointer.oid);
      }
      return file;
    },
  };
}

/** Renames in one step, so that who reads the same object meanwhile finds the old file or the new one. */
async function replaceFile(temporary: string, file: string): Promise<void> {
  try {
    await rename(temporary, file);
  } catch (error) {
    if (!['EPERM', 'EACCES'].includes(String((error as NodeJS.ErrnoException).code))) throw error;
    // Windows replaces no read-only file.
    await rm(file, { force: true });
    await rename(temporary, file);
  }
}

/** Where the object of a digest (`sha256:...`) lies. */
export function objectFile(repositoryFolder: string, oid: string): string {
  return path.join(repositoryFolder, '.llmops', 'objects', 'sha256', oid.slice(7, 9), oid.slice(9));
}

async function isIntact(file: string, oid: string, size: number): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found?.size === size && (await digestFile(file)) === oid;
}

/** `sha256:` and the hexadecimal digest of a file's bytes. */
export async function digestFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}

/** `sha256:` and the hexadecimal digest of a text's UTF-8 bytes. */
export function digestText(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** Writes the stream to a read-only temporary file that is safely on disk, and hashes it on the way. */
async function receive(content: Readable, folder: string): Promise<{ temporary: string; oid: string; size: number }> {
  await mkdir(folder, { recursive: true });
  const temporary = path.join(folder, `${randomUUID()}.tmp`);
  const hash = createHash('sha256');
  let size = 0;
  try {
    const handle = await open(temporary, 'wx');
    try {
      for await (const chunk of content) {
        hash.update(chunk);
        size += chunk.length;
        await handle.appendFile(chunk);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await chmod(temporary, 0o444);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return { temporary, oid: `sha256:${hash.digest('hex')}`, size };
}
