import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import { outlineOf, type SuiteOutline } from './suite-outline.ts';

/** A suite's file in an open folder. */
export interface FoundSuite {
  file: string;
  /** The open folder that it is in. */
  workspace: string;
  outline: SuiteOutline;
}

/** What may be a suite, by its name. */
const pattern = '**/*.{yaml,yml}';
const excluded = '**/{node_modules,.git,.llmops}/**';
/** YAML files that are looked at, so that a folder full of them costs no more. */
const limit = 5000;

/** The suites of all open folders, by path. */
export async function findSuites(): Promise<FoundSuite[]> {
  const files = await vscode.workspace.findFiles(pattern, excluded, limit);
  const suites = await Promise.all(files.map(readSuite));
  return suites.filter((suite) => suite !== undefined).sort((a, b) => a.file.localeCompare(b.file));
}

/** Calls back when a YAML file of an open folder has changed on disk. */
export function watchSuites(onChange: () => void): vscode.Disposable {
  const watcher = vscode.workspace.createFileSystemWatcher(pattern);
  const listeners = [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete].map((event) =>
    event(({ path }) => {
      if (!/\/(node_modules|\.git|\.llmops)\//.test(path)) onChange();
    }),
  );
  return vscode.Disposable.from(watcher, ...listeners);
}

async function readSuite(uri: vscode.Uri): Promise<FoundSuite | undefined> {
  const workspace = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath;
  const text = await readFile(uri.fsPath, 'utf8').catch(() => undefined);
  if (workspace === undefined || text === undefined) return undefined;
  const outline = outlineOf(text, uri.fsPath);
  return outline && { file: uri.fsPath, workspace, outline };
}
