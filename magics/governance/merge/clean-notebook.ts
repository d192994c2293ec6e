import { type Cell, parseNotebook, printNotebook } from './notebook-file.ts';

/**
 * The notebook as it is committed: without run numbers and times, which differ after every run, and without outputs
 * when asked. A text that is no notebook stays as it is.
 */
export function cleanNotebook(text: string, { stripOutputs = false } = {}): string {
  try {
    const notebook = parseNotebook(text);
    return text.trim() === '' ? text : printNotebook({ ...notebook, cells: notebook.cells.map(clean) });
  } catch {
    return text;
  }

  function clean(cell: Cell): Cell {
    if (cell.cell_type !== 'code') return cell;
    const { execution: _, ...metadata } = (cell.metadata ?? {}) as Record<string, unknown>;
    const outputs = stripOutputs ? [] : ((cell.outputs ?? []) as Record<string, unknown>[]).map(withoutNumber);
    return { ...cell, metadata, outputs, execution_count: null };
  }
}

const withoutNumber = (output: Record<string, unknown>) =>
  'execution_count' in output ? { ...output, execution_count: null } : output;
