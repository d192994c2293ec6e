import * as vscode from 'vscode';
import type { FoundSuite } from './find-suites.ts';
import { lineRange } from './suite-items.ts';

/** Underlines in the suites' files what keeps them from being run. */
export function showProblems(collection: vscode.DiagnosticCollection, suites: readonly FoundSuite[]): void {
  collection.clear();
  for (const { file, outline } of suites) {
    if (outline.problem === undefined) continue;
    const { message, line } = outline.problem;
    const diagnostic = new vscode.Diagnostic(lineRange(line), message, vscode.DiagnosticSeverity.Error);
    diagnostic.source = 'llmops';
    collection.set(vscode.Uri.file(file), [diagnostic]);
  }
}
