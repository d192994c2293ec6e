import * as vscode from 'vscode';

const quietMs = 300;
/** Longest time that a steady stream of changes holds back a refresh. */
const patienceMs = 1000;

/** Calls back soon after records, tags, branches or jobs of an open folder have changed on disk, whoever changed them. */
export function watchRecords(onChange: () => void): vscode.Disposable {
  const patterns = ['llmops/**', '.git/{HEAD,packed-refs}', '.git/refs/**', '.llmops/jobs/*/{spec.json,events.jsonl}'];
  const soon = debounce(onChange, quietMs, patienceMs);
  const watch = (folder: vscode.WorkspaceFolder) =>
    patterns.map((pattern) => {
      const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, pattern));
      watcher.onDidChange(soon);
      watcher.onDidCreate(soon);
      watcher.onDidDelete(soon);
      return watcher;
    });
  let watchers = (vscode.workspace.workspaceFolders ?? []).flatMap(watch);
  const stop = () => {
    for (const watcher of watchers) watcher.dispose();
  };
  const folders = vscode.workspace.onDidChangeWorkspaceFolders(() => {
    stop();
    watchers = (vscode.workspace.workspaceFolders ?? []).flatMap(watch);
    soon();
  });
  return new vscode.Disposable(() => {
    stop();
    folders.dispose();
  });
}

function debounce(action: () => void, quiet: number, patience: number): () => void {
  let timer: NodeJS.Timeout | undefined;
  let first = 0;
  return () => {
    const now = Date.now();
    if (timer === undefined) first = now;
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        timer = undefined;
        action();
      },
      Math.max(0, Math.min(quiet, first + patience - now)),
    );
  };
}
