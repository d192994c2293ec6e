import * as vscode from 'vscode';
import type { Completion } from '../kernel/protocol.ts';
import { cellsAbove, notebookOf, rangeOf } from './cell-document.ts';
import { registerDiagnostics } from './diagnostics.ts';
import type { NewRequest, ReplyEvent } from './kernel-client.ts';
import type { Kernels } from './kernels.ts';

const selector: vscode.DocumentSelector = { notebookType: 'jupyter-notebook', language: 'typescript' };

/** Completions, hovers and diagnostics in cells whose notebook uses our kernel; the kernel answers them. */
export function registerLanguage(
  kernels: Kernels,
  isSelected: (notebook: vscode.NotebookDocument) => boolean,
): vscode.Disposable {
  /** Asks the kernel about a cell; undefined where it is not ours to answer. Typing starts the kernel. */
  async function ask<T extends ReplyEvent['type']>(
    document: vscode.TextDocument,
    request: (cell: { cellId: string; code: string }) => NewRequest,
    answer: T,
  ): Promise<Extract<ReplyEvent, { type: T }> | undefined> {
    const notebook = notebookOf(document);
    if (notebook === undefined || !isSelected(notebook) || !vscode.workspace.isTrusted) return undefined;
    const events: ReplyEvent[] = [];
    try {
      const kernel = await kernels.start(notebook);
      const cell = { cellId: document.uri.toString(), code: document.getText() };
      await kernel.request(request(cell), (event) => events.push(event));
    } catch {
      return undefined;
    }
    return events.find((event): event is Extract<ReplyEvent, { type: T }> => event.type === answer);
  }

  const completions: vscode.CompletionItemProvider = {
    provideCompletionItems: async (document, position) => {
      const offset = document.offsetAt(position);
      const found = await ask(document, (cell) => ({ method: 'complete', ...cell, offset }), 'completions');
      if (found === undefined) return undefined;
      const range = rangeOf(document, found);
      return found.items.map((item, i) => toCompletionItem(item, range, i));
    },
  };
  const hovers: vscode.HoverProvider = {
    provideHover: async (document, position) => {
      const offset = document.offsetAt(position);
      const found = await ask(document, (cell) => ({ method: 'inspect', ...cell, offset }), 'inspection');
      if (found?.markdown == null) return undefined;
      return new vscode.Hover(new vscode.MarkdownString(found.markdown), rangeOf(document, found));
    },
  };
  return vscode.Disposable.from(
    vscode.languages.registerCompletionItemProvider(selector, completions, '.', '%', '-', '/', '"', "'"),
    vscode.languages.registerHoverProvider(selector, hovers),
    registerDiagnostics(kernels, async (document) => {
      const earlier = cellsAbove(document);
      const found = await ask(document, (cell) => ({ method: 'diagnose', ...cell, earlier }), 'diagnostics');
      return found?.diagnostics;
    }),
  );
}

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
function toCompletionItem(completion: Completion, range: vscode.Range, order: number): vscode.CompletionItem {
  const item = new vscode.CompletionItem(completion.label, kinds[completion.kind]);
  item.insertText = completion.insert ?? completion.label;
  item.range = range;
  item.detail = completion.detail;
  item.documentation = completion.documentation && new vscode.MarkdownString(completion.documentation);
  item.sortText = String(order).padStart(5, '0');
  return item;
}
