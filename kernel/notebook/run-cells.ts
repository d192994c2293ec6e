import type { KernelClient, RequestEvent } from '../client.ts';
import { type Cell, hasTag, type Notebook, sourceOf } from './notebook.ts';
import { createOutputCollector } from './outputs.ts';
import { titleOf } from './parameters.ts';

/** Hears how a notebook's run goes on. */
export interface RunListener {
  cellStarts(cell: { number: number; count: number; title: string }): void;
  event(event: RequestEvent): void;
  cellEnds(result: { succeeded: boolean; durationMs: number }): void;
}

export interface RunOptions {
  /** Goes on behind every cell that fails, not only behind those tagged `raises-exception` as nbclient knows them. */
  readonly allowErrors?: boolean;
}

/**
 * Runs the code cells in order and puts their outputs into the notebook. Resolves to whether it came to the end: cells that
 * fail stop it where they may not, and interrupted ones always.
 */
export async function runCells(
  notebook: Notebook,
  kernel: KernelClient,
  listener: RunListener,
  { allowErrors = false }: RunOptions = {},
): Promise<boolean> {
  const cells = notebook.cells.filter((cell) => cell.cell_type === 'code' && sourceOf(cell).trim() !== '');
  for (const cell of notebook.cells)
    if (cell.cell_type === 'code') Object.assign(cell, { outputs: [], execution_count: null });
  const collector = createOutputCollector();
  for (const [i, cell] of cells.entries()) {
    listener.cellStarts({ number: i + 1, count: cells.length, title: titleOf(cell) });
    cell.outputs = collector.beginCell();
    const onEvent = (event: RequestEvent) => {
      collector.apply(event);
      listener.event(event);
      if (event.type === 'input_request') kernel.send({ method: 'input_reply' });
    };
    const finished = await kernel.request(executeRequest(cell, i), onEvent).catch((error: Error) => {
      const { name, message } = error;
      collector.apply({ type: 'error', parent: '', name, message, traceback: [], user: true });
      throw error;
    });
    cell.execution_count = finished.executionCount;
    const succeeded = finished.status === 'ok';
    listener.cellEnds({ succeeded, durationMs: finished.durationMs });
    const mayFail = allowErrors || hasTag(cell, 'raises-exception');
    if (finished.status === 'interrupted' || (!succeeded && !mayFail)) return false;
  }
  return true;
}

function executeRequest(cell: Cell, index: number) {
  const text = { cellId: cell.id ?? String(index), code: sourceOf(cell) };
  return { method: 'execute' as const, ...text, tellTypeErrors: 'before it is finished' as const };
}
