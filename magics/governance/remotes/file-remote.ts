import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { objectDamaged } from '../errors.ts';
import { digestFile } from '../objects.ts';
import { objectPath, oidAt } from './object-path.ts';
import type { MoveOptions, Remote } from './remote.ts';

/** A folder, on a disk or a network share, with files at `sha256/ab/cdef...`. */
export function createFileRemote(folder: string, url: string): Remote {
  const fileOf = (oid: string) => path.join(folder, objectPath(oid));
  const claims = path.join(folder, 'repositories');
  return {
    url,
    async size(oid) {
      return (await stat(fileOf(oid)).catch(() => undefined))?.size;
    },
    async upload(oid, file, options) {
      const incoming = path.join(folder, 'incoming', oid.slice(7));
      await mkdir(path.dirname(incoming), { recursive: true });
      await appendRest(file, incoming, options);
      if ((await digestFile(incoming)) !== oid) {
        await rm(incoming);
        throw objectDamaged(oid, incoming);
      }
      await mkdir(path.dirname(fileOf(oid)), { recursive: true });
      await rename(incoming, fileOf(oid));
    },
    download: (oid, file, options = {}) => appendRest(fileOf(oid), file, options),
    async *list() {
      for (const start of await readdir(path.join(folder, 'sha256')).catch(() => [])) {
        for (const rest of await readdir(path.join(folder, 'sha256', start))) {
          const oid = oidAt(`sha256/${start}/${rest}`);
          const found = oid === undefined ? undefined : await stat(fileOf(oid)).catch(() => undefined);
          if (oid !== undefined && found !== undefined) yield { oid, size: found.size, modifiedAt: found.mtime };
        }
      }
    },
    remove: (oid) => rm(fileOf(oid), { force: true }),
    async claim(commit) {
      await mkdir(claims, { recursive: true });
      await writeFile(path.join(claims, commit), '\n');
    },
    claims: () => readdir(claims).catch(() => []),
  };
}

/** Copies what `target` still lacks of `source`. */
async function appendRest(source: string, target: string, { signal, onBytes }: MoveOptions): Promise<void> {
  const start = (await stat(target).catch(() => undefined))?.size ?? 0;
  if (start > 0) onBytes?.(start, true);
  const bytes = createReadStream(source, { start, highWaterMark: 1 << 20 });
  bytes.on('data', (chunk) => onBytes?.(chunk.length));
  await pipeline(bytes, createWriteStream(target, { flags: 'a' }), { signal });
}
