import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { notebookNotSaved, reportFailed } from '../errors.ts';
import { folderOf } from '../kernels.ts';
import { findNode } from '../node-program.ts';
import { runProgram } from '../run-program.ts';
import type { Pages } from '../views/pages.ts';
import { registerCommand } from './register-command.ts';

/** Registers "Create Report": one HTML file beside the notebook, shown at once. */
export function registerReport(pages: Pages, distFolder: string): vscode.Disposable {
  return registerCommand('llmops.createReport', async () => {
    const notebook = vscode.window.activeNotebookEditor?.notebook;
    if (notebook === undefined || notebook.isUntitled || !(await notebook.save())) throw notebookNotSaved();
    const title = `Writing the report of ${path.basename(notebook.uri.fsPath)}`;
    const location = vscode.ProgressLocation.Notification;
    const file = await vscode.window.withProgress({ location, title }, () => writeReport(notebook, distFolder));
    pages.open(file, path.basename(file), await readFile(file, 'utf8'));
    void offerBrowser(file);
    return file;
  });
}

async function writeReport(notebook: vscode.NotebookDocument, distFolder: string): Promise<string> {
  const source = notebook.uri.fsPath;
  const file = path.join(path.dirname(source), `${path.basename(source, '.ipynb')}.report.html`);
  const node = await findNode(vscode.workspace.getConfiguration('llmops').get('nodePath', ''));
  const args = [path.join(distFolder, 'cli.js'), 'report', source, '-o', file];
  const { code, output } = await runProgram(node, args, folderOf(notebook));
  if (code !== 0) throw reportFailed(output);
  return file;
}

async function offerBrowser(file: string): Promise<void> {
  const choices = vscode.env.uiKind === vscode.UIKind.Desktop ? ['Open in Browser'] : [];
  const choice = await vscode.window.showInformationMessage(`The report is in ${file}`, ...choices);
  if (choice !== undefined) await vscode.env.openExternal(vscode.Uri.file(file));
}
