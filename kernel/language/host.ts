import { isBuiltin } from 'node:module';
import path from 'node:path';
import type {
  CompilerHost,
  CompilerOptions,
  IScriptSnapshot,
  LanguageServiceHost,
  ResolvedModuleWithFailedLookupLocations,
} from 'typescript';
import { distFolder } from '../dist-folder.ts';
import type { TypeScript } from '../transform/typescript.ts';
import { checkOptions } from './check-options.ts';

/** Files that exist only in memory. */
export interface VirtualFiles {
  set(file: string, text: string): void;
  text(file: string): string | undefined;
}

/** Prefix of the modules that earlier cells are to later ones. */
export const cellModulePrefix = 'cell:';
/** Prefix of a local module's path where a relative one is not allowed. */
export const localModulePrefix = 'notebook:';

/** A language service host over a folder and a few virtual files; `cellFile` is the cell in hand. */
export function createHost(
  ts: TypeScript,
  folder: string,
): { host: LanguageServiceHost; files: VirtualFiles; cellFile: string } {
  const virtual = new Map<string, { text: string; version: number }>();
  const localFiles = new Set<string>();
  /** Packages' files are asked for at every check and never change. */
  const snapshots = new Map<string, IScriptSnapshot>();
  let version = 0;
  const options = checkOptions(ts, folder);
  const cellFile = path.join(folder, options.jsx === undefined ? '__cell.ts' : '__cell.tsx');
  const cache = ts.createModuleResolutionCache(folder, (name) => name, options);
  const { sys } = ts;
  const host: LanguageServiceHost & Pick<CompilerHost, 'getModuleResolutionCache'> = {
    getScriptFileNames: () => [...virtual.keys()],
    getScriptVersion(file) {
      const known = virtual.get(file);
      if (known !== undefined) return String(known.version);
      // Local modules change while the notebook is open; packages do not.
      if (file.includes('node_modules')) return '1';
      localFiles.add(file);
      return String(modifiedAt(ts, file));
    },
    getScriptSnapshot(file) {
      const known = snapshots.get(file);
      if (known !== undefined) return known;
      const text = virtual.get(file)?.text ?? sys.readFile(file);
      if (text === undefined) return undefined;
      const snapshot = ts.ScriptSnapshot.fromString(text);
      if (file.includes('node_modules')) snapshots.set(file, snapshot);
      return snapshot;
    },
    getProjectVersion: () => `${version} ${[...localFiles].map((file) => modifiedAt(ts, file)).join()}`,
    getCurrentDirectory: () => folder,
    getCompilationSettings: () => options,
    useCaseSensitiveFileNames: () => sys.useCaseSensitiveFileNames,
    getDefaultLibFileName: (o) => ts.getDefaultLibFilePath(o),
    fileExists: (file) => virtual.has(file) || sys.fileExists(file),
    readFile: (file) => virtual.get(file)?.text ?? sys.readFile(file),
    directoryExists: sys.directoryExists,
    getDirectories: sys.getDirectories,
    readDirectory: sys.readDirectory,
    realpath: sys.realpath,
    // Without it every file's package.json is read again at every check.
    getModuleResolutionCache: () => cache,
    resolveModuleNameLiterals: (literals, containingFile, redirected, settings) =>
      literals.map(({ text }) => resolve(text, containingFile, redirected, settings)),
  };

  function resolve(
    name: string,
    containingFile: string,
    redirected: Parameters<typeof ts.resolveModuleName>[5],
    settings: CompilerOptions,
  ): ResolvedModuleWithFailedLookupLocations {
    // Declared in memory, or by Node's types.
    if (name.startsWith(cellModulePrefix) || isBuiltin(name)) return { resolvedModule: undefined };
    const specifier = name.startsWith(localModulePrefix) ? name.slice(localModulePrefix.length) : name;
    const found = ts.resolveModuleName(specifier, containingFile, settings, host, cache, redirected);
    if (found.resolvedModule !== undefined || containingFile.includes('node_modules')) return found;
    // What is missing now may be written or installed before the next question.
    cache.clear();
    // Packages that the notebook's folder lacks come from the kernel's own, as they do when cells run.
    if (/^[./]/.test(specifier)) return found;
    return ts.resolveModuleName(specifier, path.join(distFolder(), 'kernel.js'), settings, host, cache, redirected);
  }

  return {
    host,
    cellFile,
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

function modifiedAt(ts: TypeScript, file: string): number {
  return ts.sys.getModifiedTime?.(file)?.getTime() ?? 0;
}
