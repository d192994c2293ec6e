import * as vscode from 'vscode';

/** The notebook that a cell's document belongs to. */
export function notebookOf(document: vscode.TextDocument): vscode.NotebookDocument | undefined {
  if (document.uri.scheme !== 'vscode-notebook-cell') return undefined;
  return vscode.workspace.notebookDocuments.find((notebook) =>
    notebook.getCells().some((cell) => cell.document === document),
  );
}

/** Text of the code cells above a cell, in the notebook's order. */
export function cellsAbove(document: vscode.TextDocument): string[] {
  const cells = notebookOf(document)?.getCells() ?? [];
  const place = cells.findIndex((cell) => cell.document === document);
  return cells
    .slice(0, place)
    .filter((cell) => cell.kind === vscode.NotebookCellKind.Code)
    .map((cell) => cell.document.getText());
}

/** A range from UTF-16 offsets into the cell. */
export function rangeOf(document: vscode.TextDocument, { start, end }: { start: number; end: number }): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}
