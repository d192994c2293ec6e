import * as vscode from 'vscode';
import type { CellText } from '../kernel/protocol.ts';

/** The notebook that a cell's document belongs to. */
export function notebookOf(document: vscode.TextDocument): vscode.NotebookDocument | undefined {
  if (document.uri.scheme !== 'vscode-notebook-cell') return undefined;
  return vscode.workspace.notebookDocuments.find((notebook) =>
    notebook.getCells().some((cell) => cell.document === document),
  );
}

/** A cell with the code cells above and below it, in the notebook's order. */
export function cellInNotebook(document: vscode.TextDocument): CellText & { earlier: CellText[]; later: CellText[] } {
  const cells = notebookOf(document)?.getCells() ?? [];
  const place = cells.findIndex((cell) => cell.document === document);
  const isCode = (cell: vscode.NotebookCell) =>
    cell.kind === vscode.NotebookCellKind.Code && cell.document.languageId === 'typescript';
  const texts = (some: readonly vscode.NotebookCell[]) => some.filter(isCode).map((cell) => textOf(cell.document));
  return { ...textOf(document), earlier: texts(cells.slice(0, place)), later: texts(cells.slice(place + 1)) };
}

/** The kernel knows a cell by its document's address. */
function textOf(document: vscode.TextDocument): CellText {
  return { cellId: document.uri.toString(), code: document.getText() };
}

/** A range from UTF-16 offsets into the cell. */
export function rangeOf(document: vscode.TextDocument, { start, end }: { start: number; end: number }): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}
