import { realpath, stat } from 'node:fs/promises';
import { digestFile } from './objects.ts';

const known = new Map<string, Promise<string>>();

/**
 * `sha256:` of a file's bytes, computed once in this process while the file's size and time of change stay the same: the
 * trials of a sweep share a base of gigabytes.
 */
export async function digestModelFile(file: string): Promise<string> {
  const real = await realpath(file);
  const { size, mtimeMs, ctimeMs, ino } = await stat(real);
  const key = [real, ino, size, mtimeMs, ctimeMs].join(' ');
  const digest = known.get(key) ?? digestFile(real);
  known.set(key, digest);
  digest.catch(() => known.delete(key));
  return digest;
}
