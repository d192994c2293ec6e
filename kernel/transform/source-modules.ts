import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { SourceFile, Statement, TransformerFactory } from 'typescript';
import { suggestion, UserError } from '../../magics/errors.ts';
import type { LocalImport, SourceModule } from '../threads.ts';
import { toolsName } from '../threads.ts';
import { bodyTransformer } from './body.ts';
import { pathCandidates, readTsconfig } from './tsconfig.ts';
import type { TypeScript } from './typescript.ts';

const sourceExtensions = ['.ts', '.tsx', '.mts', '.cts'];
const candidateSuffixes = ['', ...sourceExtensions, '.js', '.mjs', '.cjs', '.json', '/index.ts', '/index.js'];

interface Parsed {
  file: string;
  text: string;
  /** specifier -> file, of source modules */
  imports: Map<string, string>;
  packages: string[];
}

interface Compiled {
  text: string;
  modifiedMs: number;
  code: string;
  map: string;
}

export interface SourceModules {
  /** Finds what `specifier` means in `folder` and compiles it when it is TypeScript. Throws a UserError when nothing is there. */
  locate(specifier: string, folder: string): LocalImport;
  /** Whether a compiled module was edited since. */
  haveChanged(): boolean;
  /** Text and source map of a compiled module. */
  mapOf(file: string): { text: string; map: string } | undefined;
}

/** Local TypeScript modules of the notebook. Edited files are compiled again at the next import. */
export function createSourceModules(load: () => TypeScript): SourceModules {
  const compiled = new Map<string, Compiled>();

  function compile({ file, text }: Parsed): string {
    const known = compiled.get(file);
    if (known?.text === text) {
      known.modifiedMs = modifiedAt(file);
      return known.code;
    }
    const output = compileModule(load(), file, text);
    compiled.set(file, { text, modifiedMs: modifiedAt(file), ...output });
    return output.code;
  }

  return {
    mapOf: (file) => compiled.get(file),
    haveChanged: () => [...compiled].some(([file, { modifiedMs }]) => modifiedAt(file) !== modifiedMs),
    locate(specifier, folder) {
      const file = candidatesOf(load(), specifier, folder)
        .map(findFile)
        .find((found) => found !== undefined);
      if (file === undefined) throw moduleNotFound(specifier, folder);
      if (!isSource(file)) return { kind: 'file', url: pathToFileURL(file).href };
      const graph = readGraph(load(), file);
      const modules = [...graph.values()].map(
        (parsed): SourceModule => ({
          file: parsed.file,
          version: versionOf(parsed.file, graph),
          code: compile(parsed),
          imports: Object.fromEntries(parsed.imports),
          packages: parsed.packages,
        }),
      );
      return { kind: 'source', entry: file, modules };
    },
  };
}

/** Files that a path means, or a name that the tsconfig's `paths` know. */
function candidatesOf(ts: TypeScript, specifier: string, folder: string): string[] {
  if (specifier.startsWith('.') || path.isAbsolute(specifier)) return [path.resolve(folder, specifier)];
  return pathCandidates(specifier, readTsconfig(ts, folder));
}

/** `entry` and every source module that it reaches. */
function readGraph(ts: TypeScript, entry: string): Map<string, Parsed> {
  const graph = new Map<string, Parsed>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (graph.has(file)) continue;
    const text = readFileSync(file, 'utf8');
    const parsed: Parsed = { file, text, imports: new Map(), packages: [] };
    for (const { fileName: specifier } of ts.preProcessFile(text, true, true).importedFiles) {
      const target = specifier.startsWith('.') ? findFile(path.resolve(path.dirname(file), specifier)) : undefined;
      if (target !== undefined && isSource(target)) {
        parsed.imports.set(specifier, target);
        waiting.push(target);
      } else parsed.packages.push(specifier);
    }
    graph.set(file, parsed);
  }
  return graph;
}

/** Digest of the texts of everything that `file` reaches, itself included. */
function versionOf(file: string, graph: ReadonlyMap<string, Parsed>): string {
  const reached = new Set<string>();
  const visit = (name: string): void => {
    if (reached.has(name)) return;
    reached.add(name);
    graph.get(name)?.imports.forEach(visit);
  };
  visit(file);
  const hash = createHash('sha256');
  for (const name of [...reached].sort()) hash.update(`${name}\0${graph.get(name)?.text}\0`);
  return hash.digest('hex');
}

/** CommonJS in an async function: top-level await works, and packages that are ES modules only are loaded beforehand. */
function compileModule(ts: TypeScript, file: string, text: string): { code: string; map: string } {
  const body: TransformerFactory<SourceFile> = (context) => (source) => {
    const statements = source.statements.map((s) => bodyTransformer(ts, context, source)(s) as Statement);
    return context.factory.updateSourceFile(source, statements);
  };
  const output = ts.transpileModule(text, {
    fileName: file,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.CommonJS,
      jsx: ts.JsxEmit.React,
      sourceMap: true,
    },
    transformers: { before: [body] },
  });
  const code = output.outputText.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '');
  // On the first line, so that the source map's lines stay right.
  return { code: `(async (${toolsName}, exports, require) => {${code}\n})`, map: output.sourceMapText ?? '' };
}

function isSource(file: string): boolean {
  return sourceExtensions.includes(path.extname(file)) && !file.endsWith('.d.ts');
}

/** The file meant by a path without an extension, or with the extension it will have once compiled. */
function findFile(wanted: string): string | undefined {
  const asSource = wanted.replace(/\.([cm]?)js$/, '.$1ts');
  return [...candidateSuffixes.map((suffix) => wanted + suffix), asSource].find(isFile);
}

function modifiedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

function moduleNotFound(specifier: string, folder: string): UserError {
  const siblings = neighbours(path.resolve(folder, specifier), specifier);
  return new UserError(`Cannot find "${specifier}" in ${folder}.${suggestion(specifier, siblings, 'Files there')}`, {
    offending: specifier,
  });
}

/** Importable files beside the one that was wanted, as a specifier would name them. */
function neighbours(wanted: string, specifier: string): string[] {
  const importable = /\.([cm]?[jt]sx?|json)$/;
  try {
    const names = readdirSync(path.dirname(wanted)).filter((name) => importable.test(name));
    return names.map((name) => specifier.slice(0, specifier.lastIndexOf('/') + 1) + name);
  } catch {
    return [];
  }
}
