import * as vscode from 'vscode';
import type { CellDiagnostic, TypeErrors } from '../kernel/protocol.ts';
import { notebookOf, rangeOf } from './cell-document.ts';
import type { Kernels } from './kernels.ts';

const quietMs = 400;

type Diagnose = (document: vscode.TextDocument) => Promise<readonly CellDiagnostic[] | undefined>;

/**
 * Shows what `diagnose` finds in a cell, some time after it or one above it was edited or run. What was edited before the
 * notebook used our kernel is looked at once it does.
 */
export function registerDiagnostics(
  kernels: Kernels,
  diagnose: Diagnose,
  onDidSelect: vscode.Event<vscode.NotebookDocument>,
): vscode.Disposable {
  const shown = vscode.languages.createDiagnosticCollection('llmops');
  const checks = createChecks(diagnose, (document, found) =>
    shown.set(
      document.uri,
      found.map((diagnostic) => toDiagnostic(document, diagnostic)),
    ),
  );
  const checkRunning = (notebook: vscode.NotebookDocument) => {
    if (kernels.running(notebook) !== undefined) checks.add(notebook, 0);
  };
  return vscode.Disposable.from(
    shown,
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      const notebook = notebookOf(document);
      if (notebook === undefined || contentChanges.length === 0) return;
      checks.add(
        notebook,
        notebook.getCells().findIndex((cell) => cell.document === document),
      );
    }),
    vscode.workspace.onDidChangeNotebookDocument(({ notebook, cellChanges }) => {
      if (cellChanges.some((change) => change.executionSummary?.success !== undefined)) checkRunning(notebook);
    }),
    onDidSelect((notebook) => checks.addAgain(notebook)),
    vscode.workspace.onDidCloseTextDocument((document) => shown.delete(document.uri)),
    vscode.workspace.onDidCloseNotebookDocument((notebook) => checks.forget(notebook)),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('llmops.typeErrors')) vscode.workspace.notebookDocuments.forEach(checkRunning);
    }),
  );
}

/** Checks cells one after the other, once there has been no change for a while: questions of the user go between. */
function createChecks(
  diagnose: Diagnose,
  show: (document: vscode.TextDocument, found: readonly CellDiagnostic[]) => void,
) {
  const waiting = new Map<vscode.NotebookDocument, { documents: Set<vscode.TextDocument>; timer?: NodeJS.Timeout }>();

  async function check(document: vscode.TextDocument): Promise<void> {
    const { version } = document;
    const found = typeErrorsSetting() !== 'off' ? await diagnose(document) : [];
    if (found !== undefined && !document.isClosed && document.version === version) show(document, found);
  }

  async function work(documents: Set<vscode.TextDocument>): Promise<void> {
    for (const document of documents) {
      documents.delete(document);
      await check(document);
    }
  }

  const checks = {
    /** What a cell declares concerns those below: checks it and them. */
    add(notebook: vscode.NotebookDocument, from: number): void {
      const entry = waiting.get(notebook) ?? { documents: new Set() };
      waiting.set(notebook, entry);
      const cells = notebook.getCells().slice(Math.max(0, from));
      for (const { document } of cells.filter(isTypeScript)) entry.documents.add(document);
      clearTimeout(entry.timer);
      entry.timer = setTimeout(() => void work(entry.documents), quietMs);
    },
    /** All cells of a notebook in which something was edited. */
    addAgain(notebook: vscode.NotebookDocument): void {
      if (waiting.has(notebook)) checks.add(notebook, 0);
    },
    forget(notebook: vscode.NotebookDocument): void {
      clearTimeout(waiting.get(notebook)?.timer);
      waiting.delete(notebook);
    },
  };
  return checks;
}

function isTypeScript({ kind, document }: vscode.NotebookCell): boolean {
  return kind === vscode.NotebookCellKind.Code && document.languageId === 'typescript';
}

/** The setting `llmops.typeErrors`. */
export function typeErrorsSetting(): TypeErrors {
  return vscode.workspace.getConfiguration('llmops').get<TypeErrors>('typeErrors', 'warn');
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
