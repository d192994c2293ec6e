import * as vscode from 'vscode';
import { type CellOutputs, createCellOutputs, type Displays } from './cell-outputs.ts';
import type { CellProgress } from './cell-progress.ts';
import { createCellSink } from './cell-sink.ts';
import { typeErrorsSetting } from './diagnostics.ts';
import { cellErrorOf, workspaceNotTrusted } from './errors.ts';
import type { FinishedEvent, KernelClient, ReplyEvent } from './kernel-client.ts';
import type { Kernels } from './kernels.ts';

/** Output that may wait for the screen, in bytes, before the kernel is made to wait too. */
const waitingLimit = 1_000_000;

/** Runs the cells of notebooks, one after the other, and writes their outputs. */
export interface CellRunner extends vscode.Disposable {
  run(cells: readonly vscode.NotebookCell[], notebook: vscode.NotebookDocument): Promise<void>;
  /** Runs `code` in the place of a cell's own text; its outputs become the cell's. */
  runInstead(cell: vscode.NotebookCell, code: string): Promise<void>;
  /** Stops the running cell, drops those that wait. Variables stay. */
  interrupt(notebook: vscode.NotebookDocument): Promise<void>;
}

/** An execution that waits; `code` where it is not the cell's own text. */
interface Queued {
  execution: vscode.NotebookCellExecution;
  code?: string;
}

interface NotebookState {
  queue: Queued[];
  isRunning: boolean;
  displays: Displays<vscode.NotebookCellOutput>;
  /** Outputs of requests, finished ones too: their timers may still print. */
  outputs: Map<string, CellOutputs>;
}

export function createCellRunner(
  controller: vscode.NotebookController,
  kernels: Kernels,
  progress: CellProgress,
): CellRunner {
  const states = new Map<vscode.NotebookDocument, NotebookState>();
  const stateOf = (notebook: vscode.NotebookDocument): NotebookState => {
    const state = states.get(notebook) ?? { queue: [], isRunning: false, displays: new Map(), outputs: new Map() };
    states.set(notebook, state);
    return state;
  };

  async function runQueue(state: NotebookState): Promise<void> {
    for (let next = state.queue.shift(); next !== undefined; next = state.queue.shift()) {
      if (!(await runCell(next, state))) drop(state.queue);
    }
  }

  /** True when the cell succeeded. */
  async function runCell({ execution, code }: Queued, state: NotebookState): Promise<boolean> {
    execution.start(Date.now());
    await execution.clearOutput();
    const sink = createCellSink(controller, execution);
    const outputs = createCellOutputs(sink, state.displays);
    let succeeded = false;
    try {
      const finished = await execute(execution, code ?? execution.cell.document.getText(), outputs, state);
      succeeded = finished.status === 'ok';
    } catch (error) {
      outputs.handle({ type: 'error', parent: '', ...cellErrorOf(error) });
    }
    await outputs.flush();
    progress.hide(execution.cell);
    sink.end(succeeded);
    return succeeded;
  }

  async function execute(
    execution: vscode.NotebookCellExecution,
    code: string,
    outputs: CellOutputs,
    state: NotebookState,
  ): Promise<FinishedEvent> {
    if (!vscode.workspace.isTrusted) throw workspaceNotTrusted();
    const { cell } = execution;
    const kernel = await kernels.start(cell.notebook);
    const text = { cellId: cell.document.uri.toString(), code };
    const request = { method: 'execute', ...text, typeErrors: typeErrorsSetting() } as const;
    return kernel.request(request, (event) => {
      state.outputs.set(event.parent, outputs);
      if (event.type === 'busy') execution.executionOrder = event.executionCount;
      if (event.type === 'input_request') void askInput(event.prompt, event.password, kernel);
      if (event.type === 'cell_text') void replaceText(cell.document, event.text);
      show(event, cell, outputs);
      if (outputs.waiting > waitingLimit) kernel.holdUntil(outputs.flush());
    });
  }

  function show(event: ReplyEvent, cell: vscode.NotebookCell, outputs: CellOutputs): void {
    if (event.type === 'display' || event.type === 'update_display') progress.show(cell, event.data);
    outputs.handle(event);
  }

  const late = kernels.onLateEvent(({ notebook, event }) => {
    if ('parent' in event) states.get(notebook)?.outputs.get(event.parent)?.handle(event);
  });
  const restart = kernels.onDidEnd((notebook) => states.delete(notebook));
  async function enqueue(queued: Queued[], notebook: vscode.NotebookDocument): Promise<void> {
    const state = stateOf(notebook);
    state.queue.push(...queued);
    if (state.isRunning) return;
    state.isRunning = true;
    await runQueue(state).finally(() => {
      state.isRunning = false;
    });
  }

  return {
    run: (cells, notebook) =>
      enqueue(
        cells.map((cell) => ({ execution: controller.createNotebookCellExecution(cell) })),
        notebook,
      ),
    runInstead: (cell, code) =>
      enqueue([{ execution: controller.createNotebookCellExecution(cell), code }], cell.notebook),
    interrupt: async (notebook) => {
      drop(stateOf(notebook).queue);
      const kernel = await kernels.running(notebook)?.catch(() => undefined);
      await kernel?.request({ method: 'interrupt' }).catch(() => undefined);
    },
    dispose: () => {
      late.dispose();
      restart.dispose();
    },
  };
}

/** Ends executions that never started. */
function drop(queue: Queued[]): void {
  for (const { execution } of queue.splice(0)) execution.end(undefined);
}

/** `%load` puts a file's text into its own cell. */
async function replaceText(document: vscode.TextDocument, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
  await vscode.workspace.applyEdit(edit);
}

async function askInput(prompt: string, password: boolean, kernel: KernelClient): Promise<void> {
  const value = await vscode.window.showInputBox({ prompt, password, ignoreFocusOut: true });
  kernel.notify({ method: 'input_reply', value: value ?? '' });
}
