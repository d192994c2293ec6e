import * as vscode from 'vscode';
import type { OutputSink } from './cell-outputs.ts';
import type { OutputItem } from './output-items.ts';

/** Where a cell's outputs go; also after it has finished, when a timer prints or a later cell updates a display. */
export interface CellSink extends OutputSink<vscode.NotebookCellOutput> {
  /** The cell has finished: later changes open a short execution of their own that keeps its order and times. */
  end(success: boolean | undefined): void;
}

/** Writes to `execution` while it runs. */
export function createCellSink(
  controller: vscode.NotebookController,
  execution: vscode.NotebookCellExecution,
): CellSink {
  let running: vscode.NotebookCellExecution | undefined = execution;
  const startTime = Date.now();
  let end: { success: boolean | undefined; time: number } | undefined;

  async function edit<T>(change: (target: vscode.NotebookCellExecution) => Thenable<T>): Promise<T> {
    if (running !== undefined) return change(running);
    const late = controller.createNotebookCellExecution(execution.cell);
    late.executionOrder = execution.executionOrder;
    late.start(startTime);
    try {
      return await change(late);
    } finally {
      late.end(end?.success, end?.time);
    }
  }

  return {
    append: async (items) => {
      const output = new vscode.NotebookCellOutput(items.map(toItem));
      await edit((target) => target.appendOutput(output));
      return output;
    },
    extend: (output, items) => edit((target) => target.appendOutputItems(items.map(toItem), output)),
    replace: (output, items) => edit((target) => target.replaceOutputItems(items.map(toItem), output)),
    clear: () => edit((target) => target.clearOutput()),
    end: (success) => {
      end = { success, time: Date.now() };
      running = undefined;
      execution.end(success, end.time);
    },
  };
}

function toItem({ data, mime }: OutputItem): vscode.NotebookCellOutputItem {
  return new vscode.NotebookCellOutputItem(data, mime);
}
