import * as vscode from 'vscode';
import type { CellProgress } from './cell-progress.ts';
import { createCellRunner } from './cell-runner.ts';
import type { Kernels } from './kernels.ts';
import { isOurs, type NotebookMetadata, namesNoKernel, ownMetadata } from './notebook-metadata.ts';

const notebookType = 'jupyter-notebook';

/** Our entry among the kernels that VS Code offers. */
export interface Controller extends vscode.Disposable {
  /** Whether a notebook uses our kernel. */
  isSelected(notebook: vscode.NotebookDocument): boolean;
}

/** Registers "TypeScript (LLMOps)" for Jupyter notebooks: selected by itself for ours, offered for others. */
export function registerController(kernels: Kernels, progress: CellProgress): Controller {
  const selectedBy = new WeakSet<vscode.NotebookDocument>();
  const controller = vscode.notebooks.createNotebookController('llmops', notebookType, 'TypeScript (LLMOps)');
  const runner = createCellRunner(controller, kernels, progress);
  controller.description = 'TypeScript, and magics for the whole life of a language model';
  controller.supportedLanguages = ['typescript'];
  controller.supportsExecutionOrder = true;
  controller.executeHandler = (cells, notebook) => runner.run(cells, notebook);
  controller.interruptHandler = (notebook) => runner.interrupt(notebook);

  const prefer = (notebook: vscode.NotebookDocument) => {
    if (notebook.notebookType !== notebookType || !isOurs(notebook.metadata)) return;
    controller.updateNotebookAffinity(notebook, vscode.NotebookControllerAffinity.Preferred);
  };
  vscode.workspace.notebookDocuments.forEach(prefer);
  const selection = controller.onDidChangeSelectedNotebooks(({ notebook, selected }) => {
    if (selected) selectedBy.add(notebook);
    else selectedBy.delete(notebook);
    if (selected && namesNoKernel(notebook.metadata)) void nameKernel(notebook);
  });
  const opening = vscode.workspace.onDidOpenNotebookDocument(prefer);
  return {
    isSelected: (notebook) => selectedBy.has(notebook),
    dispose: () => vscode.Disposable.from(opening, selection, runner, controller).dispose(),
  };
}

/** Writes our kernel into a notebook that names none, so that it is found again, by Jupyter clients too. */
async function nameKernel(notebook: vscode.NotebookDocument): Promise<void> {
  const { metadata }: NotebookMetadata = notebook.metadata;
  const edit = new vscode.WorkspaceEdit();
  const named = { ...notebook.metadata, metadata: { ...metadata, ...ownMetadata } };
  edit.set(notebook.uri, [vscode.NotebookEdit.updateNotebookMetadata(named)]);
  await vscode.workspace.applyEdit(edit);
}
