import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { notebookNotFound, notNotebook } from './errors.ts';

/** nbformat 4 stores text as one string or as a list of lines. */
const text = z.union([z.string(), z.array(z.string())]).transform((value) => ([] as string[]).concat(value).join(''));

const bundle = z.record(z.string(), z.unknown());
const output = z.discriminatedUnion('output_type', [
  z.looseObject({ output_type: z.literal('stream'), name: z.string(), text }),
  z.looseObject({ output_type: z.literal('display_data'), data: bundle }),
  z.looseObject({ output_type: z.literal('execute_result'), data: bundle }),
  z.looseObject({
    output_type: z.literal('error'),
    ename: z.string(),
    evalue: z.string(),
    traceback: z.array(z.string()),
  }),
]);
export type NotebookOutput = z.output<typeof output>;

const cell = z.looseObject({
  cell_type: z.enum(['code', 'markdown', 'raw']),
  source: text,
  execution_count: z.number().nullish(),
  outputs: z.array(output).default([]),
});
export type NotebookCell = z.output<typeof cell>;

const notebookSchema = z.looseObject({ nbformat: z.literal(4), cells: z.array(cell) });

/** A notebook as it is on disk. */
export interface Notebook {
  /** Absolute path. */
  readonly file: string;
  readonly text: string;
  /** Its first heading, else the file's name. */
  readonly title: string;
  readonly cells: readonly NotebookCell[];
}

/** Reads an .ipynb file; a UserError says what is wrong with it. */
export async function readNotebook(file: string): Promise<Notebook> {
  const content = await readFile(file, 'utf8').catch(() => {
    throw notebookNotFound(file);
  });
  const { cells } = parse(content, file);
  return { file, text: content, title: titleOf(cells) ?? path.basename(file, '.ipynb'), cells };
}

/** A MIME value as text: notebooks keep long text as a list of lines. */
export function mimeText(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.join('') : JSON.stringify(value);
}

function parse(content: string, file: string): z.output<typeof notebookSchema> {
  try {
    return notebookSchema.parse(JSON.parse(content));
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : String(error);
    throw notNotebook(file, problem);
  }
}

function titleOf(cells: readonly NotebookCell[]): string | undefined {
  const headings = cells.filter((c) => c.cell_type === 'markdown').map((c) => /^#\s+(.+)$/m.exec(c.source)?.[1]);
  return headings.find((heading) => heading !== undefined)?.trim();
}
