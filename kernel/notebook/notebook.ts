import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { UserError } from '../../magics/errors.ts';
import { writeFileAtomic } from '../../magics/governance/write-file-atomic.ts';

/** A notebook in Jupyter's format 4, as far as it is needed here; unknown fields are kept. */
export interface Notebook {
  cells: Cell[];
  metadata: Record<string, unknown>;
  nbformat: number;
  nbformat_minor: number;
}

export interface Cell {
  id?: string;
  cell_type: 'code' | 'markdown' | 'raw';
  /** Text, or its lines. */
  source: string | string[];
  metadata: { tags?: string[] } & Record<string, unknown>;
  outputs?: Output[];
  execution_count?: number | null;
}

export type Output =
  | { output_type: 'stream'; name: 'stdout' | 'stderr'; text: string | string[] }
  | { output_type: 'display_data'; data: Record<string, unknown>; metadata: Record<string, unknown> }
  | {
      output_type: 'execute_result';
      execution_count: number;
      data: Record<string, unknown>;
      metadata: Record<string, unknown>;
    }
  | { output_type: 'error'; ename: string; evalue: string; traceback: string[] };

/** Whether a cell has a tag in its metadata. */
export function hasTag(cell: Cell, tag: string): boolean {
  return cell.metadata.tags?.includes(tag) === true;
}

/** Reads an .ipynb file. Throws a UserError when it is missing or no notebook. */
export async function readNotebook(file: string): Promise<Notebook> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? notebookNotFound(file) : error;
  });
  let notebook: Partial<Notebook>;
  try {
    notebook = JSON.parse(text) as Partial<Notebook>;
  } catch (error) {
    throw notANotebook(file, (error as Error).message);
  }
  if (!Array.isArray(notebook.cells)) throw notANotebook(file, 'it has no list of cells');
  if (notebook.nbformat !== 4) throw notANotebook(file, `its format is ${notebook.nbformat}, not 4`);
  return { ...notebook, metadata: notebook.metadata ?? {} } as Notebook;
}

/** Writes format 4.5 (every cell has an id) as Jupyter does: one space of indentation, texts as lines. */
export async function writeNotebook(file: string, notebook: Notebook): Promise<void> {
  const cells = notebook.cells.map(({ id, ...cell }) => ({
    id: id ?? newCellId(),
    ...cell,
    source: toLines(sourceOf(cell)),
    ...(cell.outputs === undefined ? {} : { outputs: cell.outputs.map(withLines) }),
  }));
  const metadata = { ...notebook.metadata };
  metadata.kernelspec ??= { display_name: 'TypeScript (LLMOps)', language: 'typescript', name: 'llmops' };
  metadata.language_info ??= { name: 'typescript', file_extension: '.ts', mimetype: 'text/typescript' };
  const text = JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }, null, 1);
  await writeFileAtomic(file, `${text}\n`);
}

/** A cell's text. */
export function sourceOf(cell: Pick<Cell, 'source'>): string {
  return Array.isArray(cell.source) ? cell.source.join('') : cell.source;
}

/** An id for a new cell, as format 4.5 asks. */
export function newCellId(): string {
  return randomUUID().slice(0, 8);
}

function withLines(output: Output): Output {
  if (output.output_type === 'stream') return { ...output, text: toLines([output.text].flat().join('')) };
  if (output.output_type === 'error') return output;
  const data = Object.fromEntries(
    Object.entries(output.data).map(([type, value]) => [
      type,
      typeof value === 'string' && /^text\/|svg/.test(type) ? toLines(value) : value,
    ]),
  );
  return { ...output, data };
}

function toLines(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

function notebookNotFound(file: string): UserError {
  return new UserError(`There is no notebook "${file}". Check the path.`);
}

function notANotebook(file: string, reason: string): UserError {
  return new UserError(`"${file}" is not a Jupyter notebook: ${reason}.`);
}
