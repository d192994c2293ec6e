import { readdir } from 'node:fs/promises';
import path from 'node:path';

const textExtension = /\.(?:txt|md|markdown|rst)$/i;

/** Texts below a folder, in order, as paths relative to where the folder's own path starts; none where it holds no texts or is no folder. */
export async function textFiles(source: string, folder: string): Promise<string[]> {
  const top = path.resolve(folder, source);
  const names = await readdir(top, { recursive: true }).catch(() => []);
  return names
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => textExtension.test(name) && !/(^|\/)\.[^./]/.test(name))
    .sort()
    .map((name) => path.posix.join(source.split(path.sep).join('/'), name));
}
