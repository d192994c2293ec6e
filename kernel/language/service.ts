import path from 'node:path';
import type { Diagnostic, LanguageService } from 'typescript';
import type { TypeScript } from '../transform/typescript.ts';
import { declaredNames } from './declarations.ts';
import { cellModulePrefix, createHost, localModulePrefix } from './host.ts';

/** TypeScript's language service with one cell in hand and the declarations of those before it. */
export interface NotebookService {
  readonly service: LanguageService;
  /** Makes `code` the cell in hand. Gives the offset at which it begins in `file`. */
  open(code: string): number;
  /** The virtual file of the cell in hand. */
  readonly file: string;
  /** Errors of the cell in hand, positions in `file`. */
  diagnostics(): Diagnostic[];
  /** Keeps the declarations of `code` for later cells. `types`: types to give to some of its variables. */
  add(code: string, types: Readonly<Record<string, string>>): void;
}

/** Errors that only tell how cells are put together: assigning to a variable of an earlier cell. */
const ignoredCodes = new Set([2632, 2539]);

/**
 * Keeps two files, whatever the number of cells: the cell in hand, and the declarations of all earlier cells as ambient
 * modules `cell:1`, `cell:2` ... from which it imports. That keeps a check at the cost of one small file.
 */
export function createNotebookService(ts: TypeScript, folder: string, ambient: string): NotebookService {
  const file = path.join(folder, '__cell.ts');
  const earlierFile = path.join(folder, '__cells.d.ts');
  const { host, files } = createHost(ts, folder);
  const service = ts.createLanguageService(host, ts.createDocumentRegistry());
  /** Live names -> module that declared them last. */
  const origins = new Map<string, string>();
  const modules = new Map<string, string>();
  let cells = 0;
  files.set(path.join(folder, '__globals.d.ts'), ambient);
  files.set(earlierFile, '');

  function open(code: string): number {
    const declared = declaredNames(ts, ts.createSourceFile('cell.ts', code, ts.ScriptTarget.Latest));
    const own = new Set(declared.map((d) => d.name));
    const prefix = `${importsOf([...origins].filter(([name]) => !own.has(name)))}\n`;
    const exports = declared.filter((d) => !d.exported).map((d) => d.name);
    files.set(file, `${prefix}${code}\nexport { ${exports.join(', ')} };`);
    return prefix.length;
  }

  function add(code: string, types: Readonly<Record<string, string>>): void {
    open(code);
    const module = `${cellModulePrefix}${++cells}`;
    const output = service.getEmitOutput(file, true, true).outputFiles.find((o) => o.name.endsWith('.d.ts'));
    modules.set(module, ambientBody(output?.text ?? ''));
    for (const { name } of declaredNames(ts, ts.createSourceFile('cell.ts', code, ts.ScriptTarget.Latest))) {
      origins.set(name, module);
    }
    for (const [name, type] of Object.entries(types)) {
      origins.set(name, `${module}:${name}`);
      modules.set(`${module}:${name}`, `export var ${name}: ${type};`);
    }
    dropUnused();
    const texts = [...modules].map(([name, body]) => `declare module ${JSON.stringify(name)} {\n${body}\n}`);
    files.set(earlierFile, texts.join('\n'));
  }

  /** Forgets modules that neither a live name nor another module needs. */
  function dropUnused(): void {
    const live = new Set(origins.values());
    for (const name of modules.keys()) {
      const isMentioned = [...modules.values()].some((body) => body.includes(JSON.stringify(name)));
      if (!live.has(name) && !isMentioned) modules.delete(name);
    }
  }

  return {
    service,
    file,
    open,
    add,
    diagnostics: () =>
      [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)].filter(
        (d) => !ignoredCodes.has(d.code),
      ),
  };
}

function importsOf(names: readonly (readonly [name: string, module: string])[]): string {
  const byModule = new Map<string, string[]>();
  for (const [name, module] of names) byModule.set(module, [...(byModule.get(module) ?? []), name]);
  return [...byModule].map(([module, all]) => `import { ${all.join(', ')} } from ${JSON.stringify(module)};`).join(' ');
}

/** A declaration file's text as the body of an ambient module, where relative imports are not allowed. */
function ambientBody(text: string): string {
  return text
    .replace(/^(export )?declare /gm, '$1')
    .replace(/((?:from |import\()["'])(\.\.?\/)/g, `$1${localModulePrefix}$2`);
}
