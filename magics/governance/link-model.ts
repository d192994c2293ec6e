import { randomUUID } from 'node:crypto';
import { copyFile, link, mkdir, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { pathOutside } from './errors.ts';
import { localFolder } from './local-folder.ts';
import type { ModelRecord } from './records.ts';
import type { ObjectStore } from './store.ts';

/** Lays a model version's files out under `.llmops/models/<name>/<version>/` (hard links, or copies where links fail). */
export async function linkModel(folder: string, record: ModelRecord, objects: ObjectStore): Promise<string> {
  const target = path.join(await localFolder(folder), 'models', record.name, record.version);
  for (const pointer of record.files) {
    const file = path.join(target, pointer.path);
    if (path.isAbsolute(pointer.path) || !file.startsWith(target + path.sep)) throw pathOutside(pointer.path);
    await linkFile(await objects.file(pointer), file);
  }
  return target;
}

async function linkFile(object: string, file: string): Promise<void> {
  const [source, present] = await Promise.all([stat(object), stat(file).catch(() => undefined)]);
  if (present?.size === source.size) return;
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}.tmp`;
  await link(object, temporary).catch(() => copyFile(object, temporary));
  await rename(temporary, file);
}
