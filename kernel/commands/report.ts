import path from 'node:path';
import { writeReport } from '../../magics/reports/index.ts';
import type { Command } from './command.ts';
import { parseArguments } from './parse-arguments.ts';

/** `llmops report NOTEBOOK -o OUT.html` */
export const report: Command = {
  summary: 'Write a self-contained HTML report of a notebook and its records',
  help: [
    'Usage: llmops report NOTEBOOK [-o OUT.html] [--json]',
    '',
    '  -o, --out OUT.html   where to write it; NOTEBOOK.report.html when left out',
    '  --json               print file, title, size and number of records as JSON',
  ].join('\n'),
  async run(args, io) {
    const options = { out: { type: 'string', short: 'o' }, json: { type: 'boolean' } } as const;
    const { values, positionals } = parseArguments(args, options, { min: 1, max: 1 });
    const notebook = positionals[0]!;
    const out = values.out ?? `${notebook.replace(/\.ipynb$/, '')}.report.html`;
    const written = await writeReport({ notebook, out, folder: io.folder });
    if (values.json) io.stdout(`${JSON.stringify(written, null, 2)}\n`);
    else io.stdout(`${path.relative(io.folder, written.file)}: ${written.records} records, ${written.bytes} bytes\n`);
    return 0;
  },
};
