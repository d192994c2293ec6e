import { existsSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { quickstartFailed } from '../errors.ts';
import { findNode } from '../node-program.ts';
import { ownMetadata } from '../notebook-metadata.ts';
import { runProgram } from '../run-program.ts';
import { registerCommand } from './register-command.ts';

/** Where the notebook waits that is to be opened once its folder is. */
const pendingKey = 'notebookToOpen';

/** Registers "New Notebook" and "Open Quickstart", and opens the quickstart's notebook once its folder is open. */
export function registerNotebookCommands(context: vscode.ExtensionContext): vscode.Disposable {
  void openPending(context);
  return vscode.Disposable.from(
    registerCommand('llmops.newNotebook', newNotebook),
    registerCommand('llmops.openQuickstart', () => openQuickstart(context)),
  );
}

async function newNotebook(): Promise<void> {
  const { Code, Markup } = vscode.NotebookCellKind;
  const data = new vscode.NotebookData([
    new vscode.NotebookCellData(Markup, '# Untitled', 'markdown'),
    new vscode.NotebookCellData(Code, '%llmops', 'typescript'),
  ]);
  data.metadata = { metadata: ownMetadata };
  const notebook = await vscode.workspace.openNotebookDocument('jupyter-notebook', data);
  await vscode.window.showNotebookDocument(notebook);
}

async function openQuickstart(context: vscode.ExtensionContext): Promise<void> {
  const parent = await vscode.window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    openLabel: 'Put the quickstart here',
    title: 'Folder for the quickstart: a folder llmops-quickstart is made in it',
  });
  if (parent?.[0] === undefined) return;
  const folder = unusedFolder(path.join(parent[0].fsPath, 'llmops-quickstart'));
  await makeQuickstart(context.extensionPath, folder);
  await context.globalState.update(pendingKey, path.join(folder, 'quickstart.ipynb'));
  await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(folder));
}

/** Copies the sample, its data and its base model, and makes the folder a git repository. */
async function makeQuickstart(extensionFolder: string, folder: string): Promise<void> {
  const node = await findNode(vscode.workspace.getConfiguration('llmops').get('nodePath', ''));
  const script = path.join(extensionFolder, 'sample-notebooks', 'run-quickstart.mjs');
  const { code, output } = await runProgram(node, [script, '--prepare', '--workspace', folder], extensionFolder);
  if (code !== 0) throw quickstartFailed(folder, output);
}

/** The folder, or the first `folder-2`, `folder-3` ... that does not exist yet. */
function unusedFolder(folder: string): string {
  let candidate = folder;
  for (let i = 2; existsSync(candidate); i++) candidate = `${folder}-${i}`;
  return candidate;
}

async function openPending(context: vscode.ExtensionContext): Promise<void> {
  const file = context.globalState.get<string>(pendingKey);
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (file === undefined || !folders.some((folder) => folder.uri.fsPath === path.dirname(file))) return;
  await context.globalState.update(pendingKey, undefined);
  const notebook = await vscode.workspace.openNotebookDocument(vscode.Uri.file(file));
  await vscode.window.showNotebookDocument(notebook);
}
