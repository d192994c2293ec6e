import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { constants, Script } from 'node:vm';
import { UserError } from '../../magics/errors.ts';
import type { CellTools, FromMain, LocalImport, ThrownError, ToMain } from '../threads.ts';
import { createSourceModules } from './source-modules.ts';

export type Import = CellTools['import'];

export interface Importer {
  /** `import()` as in a module that lies in the notebook's folder. */
  readonly import: Import;
  readonly meta: ImportMeta;
  /** Takes the control thread's answer about a path. */
  settle(message: Extract<ToMain, { type: 'resolved' | 'unresolved' }>): void;
}

/** Imports from the notebook's folder; packages that are not installed there come from the kernel's own. */
export function createImporter(
  folder: string,
  awaits: Pick<CellTools, 'wait' | 'iterate'>,
  post: (message: FromMain) => void,
): Importer {
  const waiting = new Map<number, { resolve(found: LocalImport): void; reject(error: Error): void }>();
  let lastId = 0;
  const sourceModules = createSourceModules((file) => toolsFor(path.dirname(file), file));

  function toolsFor(base: string, file: string): CellTools {
    return { ...awaits, import: importBeside(base), meta: metaOf(file) };
  }

  function locate(specifier: string, base: string): Promise<LocalImport> {
    return new Promise((resolve, reject) => {
      waiting.set(++lastId, { resolve, reject });
      post({ type: 'resolve', id: lastId, specifier, folder: base });
    });
  }

  function importBeside(base: string): Import {
    const native = importFrom(path.join(base, 'notebook.js'));
    return async (given, options) => {
      const specifier = String(given);
      if (!isPath(specifier)) return importPackage(specifier, native, options);
      const found = await locate(specifier, base);
      if (found.kind === 'source') return sourceModules.load(found.entry, found.modules);
      return found.url.endsWith('.json') ? readJson(found.url) : native(found.url, options);
    };
  }

  const tools = toolsFor(folder, path.join(folder, 'notebook.ts'));
  return {
    import: tools.import,
    meta: tools.meta,
    settle(message) {
      const asked = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.type === 'resolved') asked?.resolve(message.found);
      else asked?.reject(toError(message.error));
    },
  };
}

async function importPackage(specifier: string, native: Import, options: unknown): Promise<unknown> {
  if (isBuiltin(specifier) || specifier.includes(':')) return native(specifier, options);
  try {
    return await native(specifier, options);
  } catch (error) {
    if (!isMissingPackage(error, specifier)) throw error;
    if (specifier === 'tslab') return import('./tslab.ts');
    return import(specifier).catch(() => {
      throw packageNotFound(specifier, error);
    });
  }
}

/** `import()` with `file` as the importing module. */
function importFrom(file: string): Import {
  const script = new Script('(specifier, options) => import(specifier, options)', {
    filename: file,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  return script.runInThisContext() as Import;
}

function isPath(specifier: string): boolean {
  return /^\.{0,2}\//.test(specifier) || specifier === '.' || specifier === '..' || path.isAbsolute(specifier);
}

/** Read afresh each time: data changes while a notebook is open. */
async function readJson(url: string): Promise<unknown> {
  const value: unknown = JSON.parse(await readFile(fileURLToPath(url), 'utf8'));
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? { ...value, default: value } : { default: value };
}

function isMissingPackage(error: unknown, specifier: string): boolean {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_MODULE_NOT_FOUND') return false;
  const packageName = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  return error.message.includes(`'${packageName}'`);
}

function packageNotFound(specifier: string, cause: unknown): UserError {
  const message = `Cannot find the package "${specifier}". Install it in the notebook's folder: !npm install ${specifier}`;
  return new UserError(message, { offending: specifier, cause });
}

function toError({ name, message, offending }: ThrownError): Error {
  return Object.assign(new Error(message), { name, offending });
}

function metaOf(filename: string): ImportMeta {
  return { url: pathToFileURL(filename).href, dirname: path.dirname(filename), filename } as ImportMeta;
}
