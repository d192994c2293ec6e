import path from 'node:path';
import type { CompletionInfo, Diagnostic, LanguageService, QuickInfo } from 'typescript';
import type { TypeScript } from '../transform/typescript.ts';
import type { DeclaredName } from './declarations.ts';
import { hasPaths } from './features/complete.ts';
import { createHost } from './host.ts';
import { createMemo } from './memo.ts';
import { createModules } from './modules.ts';
import type { Unit } from './scope.ts';

/** A cell in TypeScript's hands. */
export interface OpenCell {
  readonly unit: Unit;
  /** Offset in the cell as typed -> offset in the virtual file. */
  toFile(offset: number): number;
  /** Offset in the virtual file -> offset in the cell as typed; undefined outside of it. */
  toCell(offset: number): number | undefined;
  /** Where a name that the cell takes from another one is imported. */
  importOf(name: string): number | undefined;
}

/** TypeScript's language service with one cell in hand and the declarations of those that it needs. */
export interface NotebookService {
  readonly service: LanguageService;
  /** The virtual file of the cell in hand. */
  readonly file: string;
  /** The virtual file with the declarations of other cells. */
  readonly declarationsFile: string;
  open(unit: Unit): OpenCell;
  /** Makes a cell's declarations ahead of the first question that needs them. */
  prepare(unit: Unit): void;
  /** The unit whose declarations hold this offset of `declarationsFile`. */
  unitAt(offset: number): Unit | undefined;
  /** What may stand at an offset of `file`; asked again before anything has changed, it is not worked out again. */
  completions(at: number): CompletionInfo | undefined;
  /** What stands at an offset of `file`. */
  quickInfo(at: number): QuickInfo | undefined;
  /** Errors of the cell in hand, positions in `file`. */
  diagnostics(): Diagnostic[];
  /** Forgets declarations that none of these needs. */
  keep(units: Iterable<Unit>): void;
}

/**
 * Keeps two files, whatever the number of cells: the cell in hand, and the declarations of other cells as ambient modules
 * from which it imports what it mentions. A cell's declarations are made when another one needs them, once.
 */
export function createNotebookService(ts: TypeScript, folder: string, ambient: string): NotebookService {
  const { host, files, cellFile } = createHost(ts, folder);
  const declarationsFile = path.join(folder, '__cells.d.ts');
  const service = ts.createLanguageService(host, ts.createDocumentRegistry(ts.sys.useCaseSensitiveFileNames));
  const modules = createModules(declare);
  const completions = createMemo<CompletionInfo | undefined>(service);
  const quickInfos = createMemo<QuickInfo | undefined>(service);
  files.set(path.join(folder, '__globals.d.ts'), ambient);
  files.set(declarationsFile, '');

  function write(unit: Unit): string {
    const prefix = modules.importsFor(unit);
    files.set(declarationsFile, modules.text());
    const exports = unit.cell.declared.filter((d) => !d.exported).map((d) => d.name);
    files.set(cellFile, `${prefix}\n${unit.cell.code}\nexport { ${exports.join(', ')} };`);
    return prefix;
  }

  /** A cell's declarations as the text of a declaration file. */
  function declare(unit: Unit): string {
    const imports = importsOnly(ts, unit);
    if (imports !== undefined) return imports;
    write(unit);
    const { outputFiles } = service.getEmitOutput(cellFile, true, true);
    return outputFiles.find((output) => output.name.endsWith('.d.ts'))?.text ?? '';
  }

  function open(unit: Unit): OpenCell {
    const prefix = write(unit);
    const { positions, code } = unit.cell;
    const start = prefix.length + 1;
    return {
      unit,
      toFile: (offset) => start + positions.toGenerated(offset),
      toCell(offset) {
        const inCode = offset - start;
        return inCode < 0 || inCode > code.length ? undefined : positions.toOriginal(inCode);
      },
      importOf(name) {
        const at = unit.needs.has(name) ? new RegExp(`[ {,]${quoted(name)}[ ,}]`).exec(prefix) : null;
        return at === null ? undefined : at.index + 1;
      },
    };
  }

  return {
    service,
    file: cellFile,
    declarationsFile,
    open,
    prepare: modules.prepare,
    unitAt: modules.unitAt,
    keep: modules.keep,
    completions: (at) =>
      completions.answer(
        String(at),
        () => service.getCompletionsAtPosition(cellFile, at, { includeCompletionsWithInsertText: false }),
        (found) => found !== undefined && found.entries.length > 0 && !hasPaths(found),
      ),
    quickInfo: (at) => quickInfos.answer(String(at), () => service.getQuickInfoAtPosition(cellFile, at)),
    diagnostics() {
      const program = service.getProgram()!;
      const file = program.getSourceFile(cellFile)!;
      // Without those of its declarations, which the service adds: how they are written for other cells is no mistake of this one.
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    },
  };
}

/** Declarations of a cell whose names are all imported: its imports, as they are. The compiler need not be asked. */
function importsOnly(ts: TypeScript, { cell: { declared, file } }: Unit): string | undefined {
  const imports = file.statements.filter((statement) => ts.isImportDeclaration(statement));
  const isImported = ({ node }: DeclaredName) => imports.some(({ pos, end }) => pos <= node.pos && node.end <= end);
  if (!declared.every(isImported)) return undefined;
  const names = declared.map(({ name }) => name).join(', ');
  return [...imports.map((statement) => statement.getText(file)), `export { ${names} };`].join('\n');
}

function quoted(name: string): string {
  return name.replaceAll('$', '\\$');
}
