import { createRequire } from 'node:module';
import path from 'node:path';
import type { CompilerOptions, LanguageServiceHost, ResolvedModuleWithFailedLookupLocations } from 'typescript';
import { distFolder } from '../dist-folder.ts';
import type { TypeScript } from '../transform/typescript.ts';

/** Files that exist only in memory. */
export interface VirtualFiles {
  set(file: string, text: string): void;
  text(file: string): string | undefined;
}

/** Prefix of the modules that earlier cells are to later ones. */
export const cellModulePrefix = 'cell:';
/** Prefix of a local module's path where a relative one is not allowed. */
export const localModulePrefix = 'notebook:';

/** A language service host over a folder and a few virtual files. */
export function createHost(ts: TypeScript, folder: string): { host: LanguageServiceHost; files: VirtualFiles } {
  const virtual = new Map<string, { text: string; version: number }>();
  let version = 0;
  const options = compilerOptions(ts);
  const cache = ts.createModuleResolutionCache(folder, (name) => name, options);
  const { sys } = ts;
  const host: LanguageServiceHost = {
    getScriptFileNames: () => [...virtual.keys()],
    getScriptVersion: (file) => String(virtual.get(file)?.version ?? modifiedAt(ts, file)),
    getScriptSnapshot(file) {
      const text = virtual.get(file)?.text ?? sys.readFile(file);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getProjectVersion: () => String(version),
    getCurrentDirectory: () => folder,
    getCompilationSettings: () => options,
    getDefaultLibFileName: (o) => ts.getDefaultLibFilePath(o),
    fileExists: (file) => virtual.has(file) || sys.fileExists(file),
    readFile: (file) => virtual.get(file)?.text ?? sys.readFile(file),
    directoryExists: sys.directoryExists,
    getDirectories: sys.getDirectories,
    readDirectory: sys.readDirectory,
    realpath: sys.realpath,
    resolveModuleNameLiterals: (literals, containingFile, redirected, settings) =>
      literals.map(({ text }) => resolve(text, containingFile, redirected, settings)),
  };

  function resolve(
    name: string,
    containingFile: string,
    redirected: Parameters<typeof ts.resolveModuleName>[5],
    settings: CompilerOptions,
  ): ResolvedModuleWithFailedLookupLocations {
    if (name.startsWith(cellModulePrefix)) return { resolvedModule: undefined };
    const specifier = name.startsWith(localModulePrefix) ? name.slice(localModulePrefix.length) : name;
    const found = ts.resolveModuleName(specifier, containingFile, settings, host, cache, redirected);
    if (found.resolvedModule !== undefined || /^[./]|^node:/.test(specifier)) return found;
    // Packages that the notebook's folder lacks come from the kernel's own, as they do when cells run.
    return ts.resolveModuleName(specifier, path.join(distFolder(), 'kernel.js'), settings, host, cache, redirected);
  }

  return {
    host,
    files: {
      set(file, text) {
        if (virtual.get(file)?.text === text) return;
        version++;
        virtual.set(file, { text, version });
      },
      text: (file) => virtual.get(file)?.text,
    },
  };
}

function compilerOptions(ts: TypeScript): CompilerOptions {
  const nodeTypes = nodeTypesFolder();
  return {
    target: ts.ScriptTarget.ES2023,
    lib: nodeTypes === undefined ? ['lib.esnext.d.ts', 'lib.dom.d.ts'] : ['lib.esnext.d.ts'],
    types: nodeTypes === undefined ? [] : ['node'],
    typeRoots: nodeTypes === undefined ? [] : [nodeTypes],
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true,
    noImplicitAny: false,
    skipLibCheck: true,
    esModuleInterop: true,
    resolveJsonModule: true,
    allowJs: true,
    allowImportingTsExtensions: true,
    declaration: true,
    emitDeclarationOnly: true,
  };
}

/** The folder that holds `@types/node`, when it is installed with the kernel. */
function nodeTypesFolder(): string | undefined {
  try {
    return path.dirname(path.dirname(createRequire(import.meta.url).resolve('@types/node/package.json')));
  } catch {
    return undefined;
  }
}

/** Local modules change while the notebook is open; packages do not. */
function modifiedAt(ts: TypeScript, file: string): number {
  return file.includes('node_modules') ? 1 : (ts.sys.getModifiedTime?.(file)?.getTime() ?? 0);
}
