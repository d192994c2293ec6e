import * as vscode from 'vscode';
import type { CellProgress } from './cell-progress.ts';
import { createCellRunner } from './cell-runner.ts';
import type { Kernels } from './kernels.ts';
import { isOurs, type NotebookMetadata, namesNoKernel, ownMetadata } from './notebook-metadata.ts';

const notebookType = 'jupyter-notebook';
const extension = 'llmops-notebook.llmops-notebook';

/** Our entry among the kernels that VS Code offers. */
export interface Controller extends vscode.Disposable {
  /** Whether a notebook uses our kernel. */
  isSelected(notebook: vscode.NotebookDocument): boolean;
  /** A notebook has come to use our kernel: some time after it was opened. */
  readonly onDidSelect: vscode.Event<vscode.NotebookDocument>;
  /** Makes a shown notebook use our kernel: before its first cell runs, VS Code only proposes one. */
  select(editor: vscode.NotebookEditor): Promise<void>;
  /** Runs `code` in the place of a cell's own text; its outputs become the cell's. */
  runInstead(cell: vscode.NotebookCell, code: string): Promise<void>;
}

/** Registers "TypeScript (LLMOps)" for Jupyter notebooks: selected by itself for ours, offered for others. */
export function registerController(kernels: Kernels, progress: CellProgress): Controller {
  const selectedBy = new WeakSet<vscode.NotebookDocument>();
  const didSelect = new vscode.EventEmitter<vscode.NotebookDocument>();
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
    if (selected) didSelect.fire(notebook);
  });
  const opening = vscode.workspace.onDidOpenNotebookDocument(prefer);
  return {
    isSelected: (notebook) => selectedBy.has(notebook),
    onDidSelect: didSelect.event,
    select: async (notebookEditor) => {
      const { notebook } = notebookEditor;
      if (selectedBy.has(notebook)) return;
      const selected = eventOf(didSelect.event, (other) => other === notebook);
      await vscode.commands.executeCommand('notebook.selectKernel', { notebookEditor, id: controller.id, extension });
      await selected;
    },
    runInstead: runner.runInstead,
    dispose: () => vscode.Disposable.from(opening, selection, didSelect, runner, controller).dispose(),
  };
}

/** Resolves with the first event that is looked for. */
function eventOf<T>(event: vscode.Event<T>, isWanted: (value: T) => boolean): Promise<T> {
  return new Promise((resolve) => {
    const listening = event((value) => {
      if (!isWanted(value)) return;
      listening.dispose();
      resolve(value);
    });
  });
}

/** Writes our kernel into a notebook that names none, so that it is found again, by Jupyter clients too. */
async function nameKernel(notebook: vscode.NotebookDocument): Promise<void> {
  const { metadata }: NotebookMetadata = notebook.metadata;
  const edit = new vscode.WorkspaceEdit();
  const named = { ...notebook.metadata, metadata: { ...metadata, ...ownMetadata } };
  edit.set(notebook.uri, [vscode.NotebookEdit.updateNotebookMetadata(named)]);
  await vscode.workspace.applyEdit(edit);
}
