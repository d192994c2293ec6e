import type { FormatCodeSettings, TextChange } from 'typescript';
import type { CellAction, CellEdit } from '../../protocol.ts';
import { findMagicLines, isMagicCell } from '../../rewrite/scan.ts';
import type { TypeScript } from '../../transform/typescript.ts';
import type { NotebookService, OpenCell } from '../service.ts';

/** Mends for the errors between two offsets: missing imports, misspelled names and what else TypeScript offers. */
export function codeActions(
  ts: TypeScript,
  notebook: NotebookService,
  cell: OpenCell,
  range: { start: number; end: number },
): CellAction[] {
  const { service, file } = notebook;
  const settings = { ...ts.getDefaultFormatCodeSettings('\n'), indentSize: 2, tabSize: 2 };
  const errors = notebook.diagnostics().filter(({ start = 0, length = 0 }) => {
    const from = cell.toCell(start);
    const to = cell.toCell(start + length);
    return from !== undefined && to !== undefined && from <= range.end && to >= range.start;
  });
  const actions = errors.flatMap(({ start = 0, length = 0, code }) =>
    service
      .getCodeFixesAtPosition(file, start, start + length, [code], settings, { quotePreference: 'single' })
      .filter((fix) => fix.changes.every((change) => change.fileName === file))
      .map((fix) => ({
        title: fix.description,
        edits: fix.changes.flatMap((change) => change.textChanges.flatMap((edit) => toEdit(cell, edit))),
      })),
  );
  const titles = new Set<string>();
  return actions.filter(({ title, edits }) => {
    const isNew = edits.length > 0 && !titles.has(title);
    titles.add(title);
    return isNew;
  });
}

/** White space as TypeScript's formatter wants it. Magic lines stay as they are; so do cells that are one magic. */
export function format(
  ts: TypeScript,
  { cellId, code, tabSize, insertSpaces }: { cellId: string; code: string; tabSize: number; insertSpaces: boolean },
): CellEdit[] {
  if (isMagicCell(code)) return [];
  const magics = findMagicLines(code);
  // A comment of the same length in the place of each magic: the formatter leaves its inside alone.
  const hidden = magics.reduce(
    (text, { start, end }) => `${text.slice(0, start)}${comment(text.slice(start, end))}${text.slice(end)}`,
    code,
  );
  const settings: FormatCodeSettings = {
    ...ts.getDefaultFormatCodeSettings('\n'),
    indentSize: tabSize,
    tabSize,
    convertTabsToSpaces: insertSpaces,
  };
  const service = formatter(ts, hidden);
  const changes = service.getFormattingEditsForDocument('cell.ts', settings);
  const touchesMagic = ({ span }: TextChange) =>
    magics.some(({ start, end }) => span.start < end && span.start + span.length > start);
  return changes
    .filter((change) => !touchesMagic(change))
    .map(({ span, newText }) => ({ cellId, start: span.start, end: span.start + span.length, text: newText }));
}

/** Formatting needs no types: a service over this one text. */
function formatter(ts: TypeScript, text: string) {
  return ts.createLanguageService(
    {
      getScriptFileNames: () => ['cell.ts'],
      getScriptVersion: () => '1',
      getScriptSnapshot: (file) => (file === 'cell.ts' ? ts.ScriptSnapshot.fromString(text) : undefined),
      getCurrentDirectory: () => '',
      getCompilationSettings: () => ({ noLib: true }),
      getDefaultLibFileName: () => '',
      fileExists: () => false,
      readFile: () => undefined,
    },
    ts.createDocumentRegistry(),
    ts.LanguageServiceMode.Syntactic,
  );
}

function comment(magic: string): string {
  return `//${magic.slice(2).replaceAll('\n', '/')}`;
}

/** What TypeScript would add above the cell (imports) goes to its top, below a `%%` line. */
function toEdit(cell: OpenCell, { span, newText }: TextChange): CellEdit[] {
  const { cellId, cell: read } = cell.unit;
  const start = cell.toCell(span.start);
  const end = cell.toCell(span.start + span.length);
  if (start !== undefined && end !== undefined) return [{ cellId, start, end, text: newText }];
  if (span.length > 0) return [];
  const top = isMagicCell(read.text) ? read.text.indexOf('\n') + 1 : 0;
  return [{ cellId, start: top, end: top, text: `${newText.trim()}\n` }];
}
