import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * Where the paths in a suite's file start: the folder that it was recorded from, else the outermost folder on the way
 * from the workspace to the file in which one of `paths` exists, else the workspace.
 */
export function startFolder(
  file: string,
  { workspace, recorded, paths }: { workspace: string; recorded?: string; paths: readonly string[] },
  exists: (file: string) => boolean = existsSync,
): string {
  if (recorded !== undefined && exists(recorded)) return recorded;
  const isThere = (folder: string) => paths.some((name) => exists(path.resolve(folder, name)));
  return foldersTo(path.dirname(file), workspace).find(isThere) ?? workspace;
}

/** `/a`, `/a/b`, `/a/b/c`: from `top` down to `folder`; `top` alone where the folder is not below it. */
function foldersTo(folder: string, top: string): string[] {
  const relative = path.relative(top, folder);
  if (relative === '' || relative.startsWith('..') || path.isAbsolute(relative)) return [top];
  const names = relative.split(path.sep);
  return [top, ...names.map((_, i) => path.join(top, ...names.slice(0, i + 1)))];
}
