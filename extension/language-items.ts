import * as vscode from 'vscode';
import type { CellEdit, Completion, Location, Position, Signature } from '../kernel/protocol.ts';
import { notebookOf, rangeOf } from './cell-document.ts';

const kinds: Record<Completion['kind'], vscode.CompletionItemKind> = {
  magic: vscode.CompletionItemKind.Keyword,
  option: vscode.CompletionItemKind.Property,
  record: vscode.CompletionItemKind.Reference,
  file: vscode.CompletionItemKind.File,
  variable: vscode.CompletionItemKind.Variable,
  function: vscode.CompletionItemKind.Function,
  method: vscode.CompletionItemKind.Method,
  property: vscode.CompletionItemKind.Field,
  class: vscode.CompletionItemKind.Class,
  interface: vscode.CompletionItemKind.Interface,
  module: vscode.CompletionItemKind.Module,
  keyword: vscode.CompletionItemKind.Keyword,
  text: vscode.CompletionItemKind.Text,
};

/** `order`: the kernel's order is kept. */
export function toCompletionItem(completion: Completion, range: vscode.Range, order: number): vscode.CompletionItem {
  const item = new vscode.CompletionItem(completion.label, kinds[completion.kind]);
  item.insertText = completion.insert ?? completion.label;
  item.range = range;
  item.detail = completion.detail;
  item.documentation = completion.documentation && new vscode.MarkdownString(completion.documentation);
  item.sortText = String(order).padStart(5, '0');
  return item;
}

export function toSignature({ label, documentation, parameters }: Signature): vscode.SignatureInformation {
  const information = new vscode.SignatureInformation(label, documentation && new vscode.MarkdownString(documentation));
  information.parameters = parameters.map(
    (parameter) => new vscode.ParameterInformation(parameter.label, parameter.documentation),
  );
  return information;
}

/** A cell is known by its document's address. */
export function toLocation({ cellId, file, start, end }: Location): vscode.Location {
  const uri = cellId === undefined ? vscode.Uri.file(file ?? '') : vscode.Uri.parse(cellId, true);
  return new vscode.Location(uri, new vscode.Range(toPosition(start), toPosition(end)));
}

/** Edits of cells of the notebook that `document` belongs to. */
export function toWorkspaceEdit(document: vscode.TextDocument, edits: readonly CellEdit[]): vscode.WorkspaceEdit {
  const result = new vscode.WorkspaceEdit();
  const cells = notebookOf(document)?.getCells() ?? [];
  for (const edit of edits) {
    const target = cells.find((cell) => cell.document.uri.toString() === edit.cellId)?.document;
    if (target !== undefined) result.replace(target.uri, rangeOf(target, edit), edit.text);
  }
  return result;
}

function toPosition({ line, character }: Position): vscode.Position {
  return new vscode.Position(line, character);
}
