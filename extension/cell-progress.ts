import * as vscode from 'vscode';
import { progressOf } from './output-items.ts';

/** Shows a running cell's progress in its status bar. */
export interface CellProgress extends vscode.Disposable {
  /** Takes the progress out of a display's bundle, if it carries any. */
  show(cell: vscode.NotebookCell, bundle: Readonly<Record<string, unknown>>): void;
  hide(cell: vscode.NotebookCell): void;
  /** Fires once for each job whose progress a cell has come to show. */
  readonly onDidShowJob: vscode.Event<{ cell: vscode.NotebookCell; job: string }>;
}

export function registerCellProgress(): CellProgress {
  const texts = new Map<vscode.NotebookCell, string>();
  const jobs = new WeakMap<vscode.NotebookCell, string>();
  const changed = new vscode.EventEmitter<void>();
  const didShowJob = new vscode.EventEmitter<{ cell: vscode.NotebookCell; job: string }>();
  const registration = vscode.notebooks.registerNotebookCellStatusBarItemProvider('jupyter-notebook', {
    onDidChangeCellStatusBarItems: changed.event,
    provideCellStatusBarItems: (cell) => {
      const text = texts.get(cell);
      if (text === undefined) return undefined;
      const left = vscode.NotebookCellStatusBarAlignment.Left;
      return new vscode.NotebookCellStatusBarItem(`$(sync~spin) ${text}`, left);
    },
  });
  return {
    show: (cell, bundle) => {
      const progress = progressOf(bundle);
      if (progress?.job !== undefined && jobs.get(cell) !== progress.job) {
        jobs.set(cell, progress.job);
        didShowJob.fire({ cell, job: progress.job });
      }
      if (progress === undefined || texts.get(cell) === progress.text) return;
      texts.set(cell, progress.text);
      changed.fire();
    },
    hide: (cell) => {
      if (texts.delete(cell)) changed.fire();
    },
    onDidShowJob: didShowJob.event,
    dispose: () => vscode.Disposable.from(registration, changed, didShowJob).dispose(),
  };
}
