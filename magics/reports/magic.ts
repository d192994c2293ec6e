import path from 'node:path';
import { z } from 'zod';
import { displaySymbol, type MimeBundle } from '../context.ts';
import { block, html } from '../html.ts';
import { defineVerb, type Magic } from '../magic.ts';
import { noNotebookHere } from './errors.ts';
import { type Report, writeReport } from './index.ts';

const options = z.strictObject({
  notebook: z.string().optional().describe('the notebook; this one when left out'),
  out: z.string().optional().describe('HTML file to write; beside the notebook when left out'),
  as: z.string().optional().describe('name to bind the result to'),
});

const write = defineVerb({
  summary: 'Write one self-contained HTML report of a notebook and the records it made',
  positionals: ['notebook'],
  options,
  example: '%report --out report.html',
  async run({ notebook = '', out, as }, context): Promise<Report> {
    const source = notebook === '' ? context.notebook : notebook;
    if (source === undefined) throw noNotebookHere();
    const target = out ?? source.replace(/(\.ipynb)?$/, '.report.html');
    const written = await writeReport({ notebook: source, out: target, folder: context.folder });
    const bundle = reportBundle(written, path.relative(context.folder, written.file));
    if (as !== undefined) context.display(bundle);
    return Object.defineProperty(written, displaySymbol, { value: () => bundle });
  },
});

function reportBundle({ bytes, records }: Report, file: string): MimeBundle {
  const about = `${records} record${records === 1 ? '' : 's'}`;
  const headline = `Report: ${file}, ${Math.ceil(bytes / 1024).toLocaleString('en')} KB, ${about}`;
  const check = `llmops verify ${file}`;
  return block(headline, [html`<p>Check it with <code>${check}</code>.</p>`], [`Check it with: ${check}`]);
}

/** `%report`: the notebook as a document that a reviewer reads without VS Code or network. */
export const report: Magic = {
  name: 'report',
  summary: 'A self-contained HTML report: verdict, lineage, outputs, data, training, evaluation, history',
  verbs: { write },
  defaultVerb: 'write',
};
