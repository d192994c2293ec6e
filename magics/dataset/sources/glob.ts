import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** Whether a path holds wildcards: `*`, `?`, `**` or `{a,b}`. */
export function isGlob(text: string): boolean {
  return /[*?]|\{[^}]*,[^}]*\}/.test(text);
}

/** Paths below `folder` that match, with slashes, in order. Folders whose name begins with a dot are left out. */
export async function findMatches(pattern: string, folder: string): Promise<string[]> {
  const normal = pattern.replaceAll('\\', '/');
  const fixed = normal.split('/').findIndex(isGlob);
  const top = normal.split('/').slice(0, fixed).join('/');
  const below = path.resolve(folder, normal.startsWith('/') && top === '' ? '/' : top);
  const entries = await readdir(below, {
    recursive: normal.includes('/**') || normal.startsWith('**') || normal.slice(top.length + 1).includes('/'),
    withFileTypes: true,
  }).catch(() => []);
  const matches = globExpression(normal);
  return entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => {
      const relative = path.relative(below, path.join(entry.parentPath, entry.name)).split(path.sep).join('/');
      return top === '' ? `${normal.startsWith('/') ? '/' : ''}${relative}` : `${top}/${relative}`;
    })
    .filter((name) => matches.test(name) && !/(^|\/)\.[^./]/.test(name.slice(top.length)))
    .sort();
}

/** The pattern as a regular expression over whole paths. */
export function globExpression(pattern: string): RegExp {
  const source = pattern.replaceAll(/\*\*\/|\*\*|\*|\?|\{[^}]*\}|[.+^$()|[\]\\]/g, (token) => {
    if (token === '**/') return '(?:.*/)?';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    if (!token.startsWith('{')) return `\\${token}`;
    const words = token.slice(1, -1).split(',');
    return `(?:${words.map((word) => word.replaceAll(/[.+^$()|[\]\\*?]/g, '\\$&')).join('|')})`;
  });
  return new RegExp(`^${source}$`);
}
