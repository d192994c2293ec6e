import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The folder `.llmops/` of a repository, made when missing and ignored by git through a `.gitignore` of its own. */
export async function localFolder(repositoryFolder: string): Promise<string> {
  const folder = path.join(repositoryFolder, '.llmops');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, '.gitignore'), '*\n', { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return folder;
}
