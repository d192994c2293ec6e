import * as vscode from 'vscode';

/** Pages without scripts, one tab for each subject: opened again, a page comes to the front with its newest content. */
export interface Pages extends vscode.Disposable {
  /** `content` is a whole HTML document; `id` says what the page is about. */
  open(id: string, title: string, content: string): void;
  /** Replaces the content of a page that is open. */
  update(id: string, content: string): void;
  isOpen(id: string): boolean;
}

export function createPages(): Pages {
  const panels = new Map<string, vscode.WebviewPanel>();
  return {
    isOpen: (id) => panels.has(id),
    open: (id, title, content) => {
      const panel = panels.get(id) ?? createPanel(title);
      panels.set(id, panel);
      panel.onDidDispose(() => panels.delete(id));
      panel.webview.html = content;
      panel.reveal();
    },
    update: (id, content) => {
      const panel = panels.get(id);
      if (panel !== undefined && panel.webview.html !== content) panel.webview.html = content;
    },
    dispose: () => {
      for (const panel of [...panels.values()]) panel.dispose();
    },
  };
}

function createPanel(title: string): vscode.WebviewPanel {
  const options = { enableScripts: false, localResourceRoots: [], enableFindWidget: true };
  return vscode.window.createWebviewPanel('llmops.page', title, vscode.ViewColumn.Active, options);
}
