import { createRequire } from 'node:module';
import path from 'node:path';
import type { CompilerOptions } from 'typescript';
import { readTsconfig } from '../transform/tsconfig.ts';
import type { TypeScript } from '../transform/typescript.ts';

/** How cells are checked: strictly, against the newest language and Node's types, and as the folder's tsconfig.json says. */
export function checkOptions(ts: TypeScript, folder: string): CompilerOptions {
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
    ...readTsconfig(ts, folder),
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
