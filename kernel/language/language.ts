import { magics } from '../../magics/index.ts';
import type { CellDiagnostic, Completion } from '../protocol.ts';
import type { MagicError } from '../rewrite/errors.ts';
import { type Rewritten, rewrite } from '../rewrite/rewrite.ts';
import type { TypeScript } from '../transform/typescript.ts';
import { ambientDeclarations } from './ambient.ts';
import { declaredNames } from './declarations.ts';
import { completionKind } from './kinds.ts';
import { completeMagic } from './magic-completions.ts';
import type { LanguageAnswers, LanguageRequest } from './messages.ts';
import { createNotebookService } from './service.ts';

const maxCompletions = 500;
/** TypeScript's codes for a name that is not declared: plainly, in a shorthand property, with a suggestion. */
const unknownName = new Set<number | string>([2304, 18004, 2552]);

export interface Language {
  /** Reads the libraries and checks an empty cell, so that the first question is answered fast. */
  warm(): void;
  answer(request: LanguageRequest): Promise<LanguageAnswers[LanguageRequest['method']]>;
}

/** Completions, hovers and type errors over a notebook's cells, magic lines included. */
export function createLanguage(ts: TypeScript, folder: string): Language {
  const notebook = createNotebookService(ts, folder, ambientDeclarations(magics));
  const { service, file } = notebook;

  /** Opens a cell as TypeScript; magic lines that make no sense yet are left out and reported. */
  function open(code: string) {
    const mistakes: MagicError[] = [];
    const rewritten = rewrite(code, magics, (mistake) => mistakes.push(mistake));
    const start = notebook.open(rewritten.code);
    return { ...positionsIn(rewritten, start), mistakes };
  }

  function complete(code: string, offset: number): LanguageAnswers['complete'] {
    const word = /[\w$]*$/.exec(code.slice(0, offset))![0];
    const start = offset - word.length;
    const { toFile } = open(code);
    const found = service.getCompletionsAtPosition(file, toFile(offset), { includeCompletionsWithInsertText: false });
    const items = (found?.entries ?? [])
      .filter(({ name }) => name.toLowerCase().startsWith(word.toLowerCase()) && !/^__(cell|notebook)/.test(name))
      .sort((a, b) => a.sortText.localeCompare(b.sortText))
      .slice(0, maxCompletions)
      .map((entry): Completion => ({ label: entry.name, kind: completionKind(entry.kind) }));
    return { start, end: offset, items };
  }

  function inspect(code: string, offset: number): LanguageAnswers['inspect'] {
    const { toFile, toCell } = open(code);
    const at = toFile(offset);
    const info = service.getQuickInfoAtPosition(file, at) ?? service.getQuickInfoAtPosition(file, Math.max(0, at - 1));
    if (info === undefined) return { start: offset, end: offset, markdown: null };
    const { start, length } = info.textSpan;
    const signature = `\`\`\`typescript\n${ts.displayPartsToString(info.displayParts)}\n\`\`\``;
    const documentation = ts.displayPartsToString(info.documentation);
    const markdown = documentation === '' ? signature : `${signature}\n\n${documentation}`;
    return { start: toCell(start), end: toCell(start + length), markdown };
  }

  /** Names that cells declare, whether they have run or not. */
  function namesIn(cells: readonly string[]): Set<string> {
    const declared = cells.flatMap((cell) => {
      const { code } = rewrite(cell, magics, () => undefined);
      return declaredNames(ts, ts.createSourceFile('cell.ts', code, ts.ScriptTarget.Latest));
    });
    return new Set(declared.map(({ name }) => name));
  }

  function diagnose(code: string, earlier: readonly string[]): CellDiagnostic[] {
    const { toCell, mistakes } = open(code);
    const toBeDeclared = namesIn(earlier);
    const inMagics = mistakes.map(
      ({ start, end, message }): CellDiagnostic => ({ start, end, severity: 'error', code: 'magic', message }),
    );
    const inTypes = notebook.diagnostics().map((d): CellDiagnostic => {
      const start = toCell(d.start ?? 0);
      const end = Math.max(start + 1, toCell((d.start ?? 0) + (d.length ?? 0)));
      const message = ts.flattenDiagnosticMessageText(d.messageText, '\n');
      return { start, end, severity: 'error', code: d.code, message };
    });
    const isToBeDeclared = (d: CellDiagnostic) =>
      unknownName.has(d.code) && toBeDeclared.has(code.slice(d.start, d.end));
    // Types that rest on cells which have not run cannot be checked yet; syntax can.
    const isSyntax = (d: CellDiagnostic) => Number(d.code) < 2000;
    return [...inMagics, ...(inTypes.some(isToBeDeclared) ? inTypes.filter(isSyntax) : inTypes)];
  }

  return {
    warm() {
      notebook.open('');
      notebook.diagnostics();
    },
    async answer(request) {
      switch (request.method) {
        case 'complete':
          return (
            (await completeMagic(request.code, request.offset, magics, folder)) ??
            complete(request.code, request.offset)
          );
        case 'inspect':
          return inspect(request.code, request.offset);
        case 'diagnose':
          return diagnose(request.code, request.earlier);
        case 'add': {
          const { code } = rewrite(request.code, magics, () => undefined);
          notebook.add(code, request.types);
          return null;
        }
      }
    },
  };
}

/** Positions between a cell as typed and the virtual file, in which it begins at `start`. */
function positionsIn({ positions }: Rewritten, start: number) {
  return {
    toFile: (offset: number) => start + positions.toGenerated(offset),
    toCell: (offset: number) => positions.toOriginal(Math.max(0, offset - start)),
  };
}
