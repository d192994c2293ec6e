import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Notebook, sourceOf } from '../../kernel/notebook/notebook.ts';

/** A notebook with parameters, types, outputs of every kind and no magics. */
export const shortNotebook = path.resolve('test/jupyter/notebooks/short.ipynb');

/** The quickstart's workspace in `folder`, its notebook cut before the training; gives the notebook's file. */
export function makeFirstHalf(folder: string): string {
  const prepare = ['sample-notebooks/run-quickstart.mjs', '--prepare', '--workspace', folder];
  execFileSync(process.execPath, prepare, { stdio: ['ignore', 'ignore', 'inherit'] });
  const notebook = readExecuted(path.join(folder, 'quickstart.ipynb'));
  const training = notebook.cells.findIndex((cell) => sourceOf(cell).startsWith('## Fine-tune'));
  const file = path.join(folder, 'first-half.ipynb');
  writeFileSync(file, JSON.stringify({ ...notebook, cells: notebook.cells.slice(0, training) }));
  return file;
}

export function readExecuted(file: string): Notebook {
  return JSON.parse(readFileSync(file, 'utf8')) as Notebook;
}

/** For each code cell its outputs, each in short: kind, then text or the names of its MIME types. */
export function outputsOf(notebook: Notebook): string[][] {
  const cells = notebook.cells.filter((cell) => cell.cell_type === 'code');
  return cells.map(({ outputs = [] }) =>
    outputs.map((output) => {
      if (output.output_type === 'stream') return `${output.name}: ${[output.text].flat().join('').trim()}`;
      if (output.output_type === 'error') return `${output.ename}: ${output.evalue}`;
      const types = Object.keys(output.data).sort();
      const text = [output.data['text/plain']].flat().join('');
      return types.length > 1 ? types.join(' ') : text;
    }),
  );
}
