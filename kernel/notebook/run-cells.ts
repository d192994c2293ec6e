import type { KernelClient, RequestEvent } from '../client.ts';
import { type Cell, type Notebook, sourceOf } from './notebook.ts';
import { createOutputCollector } from './outputs.ts';
import { titleOf } from './parameters.ts';

/** Hears how a notebook's run goes on. */
export interface RunListener {
  cellStarts(cell: { number: number; count: number; title: string }): void;
  event(event: RequestEvent): void;
  cellEnds(result: { succeeded: boolean; durationMs: number }): void;
}

/** Runs the code cells in order and puts their outputs into the notebook. Resolves to whether all of them succeeded. */
export async function runCells(notebook: Notebook, kernel: KernelClient, listener: RunListener): Promise<boolean> {
  const cells = notebook.cells.filter((cell) => cell.cell_type === 'code' && sourceOf(cell).trim() !== '');
  for (const cell of notebook.cells)
    if (cell.cell_type === 'code') Object.assign(cell, { outputs: [], execution_count: null });
  const collector = createOutputCollector();
  for (const [i, cell] of cells.entries()) {
    listener.cellStarts({ number: i + 1, count: cells.length, title: titleOf(cell) });
    cell.outputs = collector.beginCell();
    const finished = await kernel.request(executeRequest(cell, i), (event) => {
      collector.apply(event);
      listener.event(event);
      if (event.type === 'input_request') kernel.send({ method: 'input_reply', value: '' });
    });
    cell.execution_count = finished.executionCount;
    const succeeded = finished.status === 'ok';
    listener.cellEnds({ succeeded, durationMs: finished.durationMs });
    if (!succeeded) return false;
  }
  return true;
}

function executeRequest(cell: Cell, index: number) {
  return { method: 'execute' as const, cellId: cell.id ?? String(index), code: sourceOf(cell) };
}
