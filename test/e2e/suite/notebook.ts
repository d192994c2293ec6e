import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { ownMetadata } from '../../../extension/notebook-metadata.ts';

/** Opens a new notebook file with these cells and waits until our kernel is selected. */
export async function openNotebook(cells: readonly string[], metadata: object = ownMetadata) {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'llmops-suite-')), 'test.ipynb');
  const code = { cell_type: 'code', execution_count: null, metadata: {}, outputs: [] };
  const content = { nbformat: 4, nbformat_minor: 5, metadata, cells: cells.map((source) => ({ ...code, source })) };
  writeFileSync(file, JSON.stringify(content));
  const notebook = await vscode.workspace.openNotebookDocument(vscode.Uri.file(file));
  await vscode.window.showNotebookDocument(notebook);
  return notebook;
}

/** Runs one cell and waits for its end; true when it succeeded. */
export async function runCell(notebook: vscode.NotebookDocument, index: number): Promise<boolean> {
  const cell = notebook.cellAt(index);
  const before = cell.executionSummary?.timing?.startTime;
  startCell(notebook, index);
  await until(() => cell.executionSummary?.timing && cell.executionSummary.timing.startTime !== before);
  return finished(cell);
}

/** Asks VS Code to run a cell, as its button does. */
export function startCell(notebook: vscode.NotebookDocument, index: number): void {
  const range = { start: index, end: index + 1 };
  void vscode.commands.executeCommand('notebook.cell.execute', { ranges: [range], document: notebook.uri });
}

export async function finished(cell: vscode.NotebookCell): Promise<boolean> {
  await until(() => cell.executionSummary?.success !== undefined && cell.executionSummary.timing !== undefined);
  return cell.executionSummary?.success === true;
}

/** Waits until the condition gives something, and returns it. */
export async function until<T>(condition: () => T | Promise<T>, limitMs = 60_000): Promise<NonNullable<T>> {
  const end = Date.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`Waited ${limitMs} ms in vain for: ${condition}`);
    await sleep(30);
  }
}

/** The text of a cell's outputs with a MIME type; streams are `stdout` and `stderr`. */
export function outputs(cell: vscode.NotebookCell, mime: string): string[] {
  const types = { stdout: 'application/vnd.code.notebook.stdout', stderr: 'application/vnd.code.notebook.stderr' };
  const wanted = mime === 'stdout' || mime === 'stderr' ? types[mime] : mime;
  const items = cell.outputs.flatMap((output) => output.items).filter((item) => item.mime === wanted);
  return items.map((item) => Buffer.from(item.data).toString());
}

/** The text of a cell's error output. */
export function errorText(cell: vscode.NotebookCell): string {
  return outputs(cell, 'application/vnd.code.notebook.error').join('');
}
