import * as vscode from 'vscode';
import type { CellDiagnostic } from '../kernel/protocol.ts';
import { notebookOf, rangeOf } from './cell-document.ts';
import type { Kernels } from './kernels.ts';

const quietMs = 400;

/** Shows what `diagnose` finds in a cell, some time after it was edited or run. */
export function registerDiagnostics(
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
