import { createRequire } from 'node:module';
import path from 'node:path';
import * as tslab from './tslab.ts';

const ownRequire = createRequire(import.meta.url);

/** `require` from the notebook's folder; packages that are not installed there come from the kernel's own. */
export function createNotebookRequire(folder: string): NodeJS.Require {
  const require = createRequire(path.join(folder, 'notebook.js'));
  const load = (id: string): unknown => {
    if (id === 'tslab') return tslab;
    try {
      return require(id);
    } catch (error) {
      if (!isMissing(error, id) || !canResolve(id)) throw error;
      return ownRequire(id);
    }
  };
  return Object.assign(load, require) as NodeJS.Require;
}

/** True when the module itself is missing, not one that it needs. */
function isMissing(error: unknown, id: string): boolean {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'MODULE_NOT_FOUND') return false;
  return /^[^./]/.test(id) && error.message.includes(`'${id}'`);
}

function canResolve(id: string): boolean {
  try {
    ownRequire.resolve(id);
    return true;
  } catch {
    return false;
  }
}
