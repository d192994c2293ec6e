import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { localFolder } from '../../governance/local-folder.ts';
import { openStore } from '../../governance/open-store.ts';

/** The folder `.llmops/cache/data` of the repository, or of the notebook's folder outside one: what lies there can be made again. */
export async function cacheFolder(folder: string): Promise<string> {
  const top = await openStore(folder).then(
    (store) => store.folder,
    () => folder,
  );
  const cache = path.join(await localFolder(top), 'cache', 'data');
  await mkdir(cache, { recursive: true });
  return cache;
}
