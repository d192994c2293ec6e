import { z } from 'zod';
import { notebookUnreadable } from '../errors.ts';

const cellSchema = z.looseObject({
  id: z.string().optional(),
  cell_type: z.string(),
  source: z.union([z.string(), z.array(z.string())]),
});
/** A cell as the file has it; fields that are not named here stay. */
export type Cell = z.output<typeof cellSchema>;

const notebookSchema = z.looseObject({ cells: z.array(cellSchema), metadata: z.record(z.string(), z.unknown()) });
export type NotebookFile = z.output<typeof notebookSchema>;

/** Reads a notebook's text; an empty one, as git gives for a file that was not there, has no cells. */
export function parseNotebook(text: string): NotebookFile {
  if (text.trim() === '') return { cells: [], metadata: {} };
  try {
    return notebookSchema.parse(JSON.parse(text));
  } catch (error) {
    throw notebookUnreadable(error);
  }
}

/** The text of a notebook as Jupyter writes it. */
export function printNotebook(notebook: NotebookFile): string {
  return `${JSON.stringify(notebook, null, 1)}\n`;
}

/** A name for each cell: its id, or its text where cells have no ids. */
export function idsOf(cells: readonly Cell[]): string[] {
  const seen = new Map<string, number>();
  return cells.map((cell) => {
    const id = cell.id ?? textOf(cell);
    const count = seen.get(id) ?? 0;
    seen.set(id, count + 1);
    return count === 0 ? id : `${id}#${count}`;
  });
}

export const textOf = ({ source }: Cell) => (typeof source === 'string' ? source : source.join(''));

/** A text as the lines that notebooks store. */
export const linesOf = (text: string) => text.split(/(?<=\n)/).filter((line) => line !== '');
