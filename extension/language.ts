import * as vscode from 'vscode';
import type { CellDiagnostic, Completion } from '../kernel/protocol.ts';
import type { NewRequest, ReplyEvent } from './kernel-client.ts';
import type { Kernels } from './kernels.ts';

const selector: vscode.DocumentSelector = { notebookType: 'jupyter-notebook', language: 'typescript' };
const quietMs = 400;

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
      const found = await ask(document, (cell) => ({ method: 'diagnose', ...cell }), 'diagnostics');
      return found?.diagnostics;
    }),
  );
}

/** Shows what `diagnose` finds in a cell, some time after it was edited or run. */
function registerDiagnostics(
  kernels: Kernels,
  diagnose: (document: vscode.TextDocument) => Promise<readonly CellDiagnostic[] | undefined>,
): vscode.Disposable {
  const shown = vscode.languages.createDiagnosticCollection('llmops');
  const timers = new Map<vscode.TextDocument, NodeJS.Timeout>();
  const check = async (document: vscode.TextDocument) => {
    const { version } = document;
    const found = wantsDiagnostics() ? await diagnose(document) : [];
    if (found === undefined || document.isClosed || document.version !== version) return;
    shown.set(
      document.uri,
      found.map((diagnostic) => toDiagnostic(document, diagnostic)),
    );
  };
  const checkSoon = (document: vscode.TextDocument) => {
    if (notebookOf(document) === undefined || document.languageId !== 'typescript') return;
    clearTimeout(timers.get(document));
    timers.set(
      document,
      setTimeout(() => void check(document), quietMs),
    );
  };
  const checkRunning = (notebook: vscode.NotebookDocument) => {
    if (kernels.running(notebook) === undefined) return;
    for (const cell of notebook.getCells()) checkSoon(cell.document);
  };
  return vscode.Disposable.from(
    shown,
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0) checkSoon(document);
    }),
    vscode.workspace.onDidChangeNotebookDocument(({ notebook, cellChanges }) => {
      if (cellChanges.some((change) => change.executionSummary?.success !== undefined)) checkRunning(notebook);
    }),
    vscode.workspace.onDidCloseTextDocument((document) => {
      clearTimeout(timers.get(document));
      timers.delete(document);
      shown.delete(document.uri);
    }),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('llmops.typeErrors')) vscode.workspace.notebookDocuments.forEach(checkRunning);
    }),
  );
}

function wantsDiagnostics(): boolean {
  return vscode.workspace.getConfiguration('llmops').get('typeErrors', true);
}

function notebookOf(document: vscode.TextDocument): vscode.NotebookDocument | undefined {
  if (document.uri.scheme !== 'vscode-notebook-cell') return undefined;
  return vscode.workspace.notebookDocuments.find((notebook) =>
    notebook.getCells().some((cell) => cell.document === document),
  );
}

function rangeOf(document: vscode.TextDocument, { start, end }: { start: number; end: number }): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
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

const severities = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  suggestion: vscode.DiagnosticSeverity.Hint,
} as const;

function toDiagnostic(document: vscode.TextDocument, found: CellDiagnostic): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(rangeOf(document, found), found.message, severities[found.severity]);
  diagnostic.code = found.code;
  diagnostic.source = 'llmops';
  return diagnostic;
}
