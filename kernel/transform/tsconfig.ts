import { statSync } from 'node:fs';
import path from 'node:path';
import type { CompilerOptions } from 'typescript';
import type { TypeScript } from './typescript.ts';

/**
 * Options of a tsconfig.json that mean something to cells. Not among them: how modules are emitted, what a cell may not
 * leave unused, and syntax that only bundlers cannot bear.
 */
const honoured = [
  'strict',
  'noImplicitAny',
  'strictNullChecks',
  'strictFunctionTypes',
  'strictBindCallApply',
  'strictPropertyInitialization',
  'strictBuiltinIteratorReturn',
  'noImplicitThis',
  'useUnknownInCatchVariables',
  'noUncheckedIndexedAccess',
  'noImplicitOverride',
  'noImplicitReturns',
  'noFallthroughCasesInSwitch',
  'noPropertyAccessFromIndexSignature',
  'exactOptionalPropertyTypes',
  'experimentalDecorators',
  'emitDecoratorMetadata',
  'baseUrl',
  'paths',
  'pathsBasePath',
  'customConditions',
  'jsx',
  'jsxFactory',
  'jsxFragmentFactory',
  'jsxImportSource',
] as const;

/** What the notebook's tsconfig.json (in its folder, or above it up to the repository's top) says about its cells. */
export function readTsconfig(ts: TypeScript, folder: string): CompilerOptions {
  const file = findTsconfig(folder);
  if (file === undefined) return {};
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  // Only the options count: no file of the project is looked for.
  const host = { ...ts.sys, readDirectory: () => [] };
  const { options } = ts.parseJsonConfigFileContent(config ?? {}, host, path.dirname(file), undefined, file);
  return Object.fromEntries(
    honoured.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  );
}

/** Files that a specifier may mean by `paths` or `baseUrl`, most specific first. */
export function pathCandidates(specifier: string, options: CompilerOptions): string[] {
  const { paths = {}, baseUrl, pathsBasePath } = options;
  const base = baseUrl ?? (typeof pathsBasePath === 'string' ? pathsBasePath : undefined);
  if (base === undefined) return [];
  const matches = Object.entries(paths).flatMap(([pattern, targets]) => {
    const [before = '', after] = pattern.split('*');
    const isMatch =
      after === undefined
        ? specifier === pattern
        : specifier.length >= before.length + after.length && specifier.startsWith(before) && specifier.endsWith(after);
    if (!isMatch) return [];
    const star = specifier.slice(before.length, specifier.length - (after ?? '').length);
    return [{ length: before.length, files: targets.map((target) => path.resolve(base, target.replace('*', star))) }];
  });
  const files = matches.sort((a, b) => b.length - a.length).flatMap((match) => match.files);
  return baseUrl === undefined ? files : [...files, path.resolve(baseUrl, specifier)];
}

function findTsconfig(folder: string): string | undefined {
  for (let at = folder; ; at = path.dirname(at)) {
    const file = path.join(at, 'tsconfig.json');
    if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) return file;
    const isTop = statSync(path.join(at, '.git'), { throwIfNoEntry: false }) !== undefined;
    if (isTop || at === path.dirname(at)) return undefined;
  }
}
