import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { constants, Script } from 'node:vm';
import { UserError } from '../../magics/errors.ts';
import type { CellTools, FromMain, LocalImport, ThrownError, ToMain } from '../threads.ts';
import { createNativeImports, type NativeImports } from './native-imports.ts';
import { createSourceModules } from './source-modules.ts';
import * as tslab from './tslab.ts';

export type Import = CellTools['import'];

export interface Importer {
  /** `import()` as in a module that lies in the notebook's folder. */
  readonly import: Import;
  readonly meta: ImportMeta;
  /** Takes the control thread's answer about a path. */
  settle(message: Extract<ToMain, { type: 'resolved' | 'unresolved' }>): void;
  /** JavaScript was ended from outside; `whileLoading`: while a module was being evaluated. */
  ended(whileLoading: boolean): void;
}

/** Imports from the notebook's folder; packages that are not installed there come from the kernel's own. */
export function createImporter(
  folder: string,
  awaits: Pick<CellTools, 'wait' | 'iterate'>,
  post: (message: FromMain) => void,
): Importer {
  const waiting = new Map<number, { resolve(found: LocalImport): void; reject(error: Error): void }>();
  let lastId = 0;
  const imports = createNativeImports();
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
    const native = importFrom(path.join(base, 'notebook.js'), imports);
    return async (given, options) => {
      const specifier = String(given);
      const load = async () => loadLocal(await locate(specifier, base), native, options);
      return isPath(specifier) ? load() : importPackage(specifier, (name) => native(name, options), load, imports);
    };
  }

  async function loadLocal(found: LocalImport, native: Import, options: unknown): Promise<unknown> {
    if (found.kind === 'source') return sourceModules.load(found.entry, found.modules);
    return found.url.endsWith('.json') ? readJson(found.url) : native(found.url, options);
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
    ended(whileLoading) {
      sourceModules.forgetUnfinished();
      if (whileLoading) imports.lose();
    },
  };
}

/** `loadAlias` loads what the tsconfig's `paths` make of the specifier, or throws. */
async function importPackage(
  specifier: string,
  native: (specifier: string) => Promise<unknown>,
  loadAlias: () => Promise<unknown>,
  imports: NativeImports,
): Promise<unknown> {
  if (specifier === 'tslab') return tslab;
  if (isBuiltin(specifier) || specifier.includes(':')) return native(specifier);
  try {
    return await native(specifier);
  } catch (error) {
    if (!isMissingPackage(error, specifier)) throw error;
    const alias = await loadAlias().catch((problem: unknown) => {
      if (!isNotFound(problem)) throw problem;
    });
    return (
      alias ??
      imports.load(specifier, import.meta.url, () =>
        import(specifier).catch((problem: unknown) => {
          throw problem === null ? problem : packageNotFound(specifier, error);
        }),
      )
    );
  }
}

/** The control thread found no file. */
function isNotFound(problem: unknown): boolean {
  return problem instanceof Error && problem.name === 'UserError' && problem.message.startsWith('Cannot find');
}

/** `import()` with `file` as the importing module. */
function importFrom(file: string, imports: NativeImports): Import {
  const script = new Script('(specifier, options) => import(specifier, options)', {
    filename: file,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const native = script.runInThisContext() as Import;
  return (specifier, options) => imports.load(String(specifier), file, () => native(specifier, options));
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
