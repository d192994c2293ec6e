import path from 'node:path';
import { startKernel } from '../client.ts';
import { distFolder } from '../dist-folder.ts';
import { readNotebook, writeNotebook } from '../notebook/notebook.ts';
import { injectParameters, type Parameters, readParameter } from '../notebook/parameters.ts';
import { runCells } from '../notebook/run-cells.ts';
import type { Command, CommandIo } from './command.ts';
import { parseArguments } from './parse-arguments.ts';
import { createRunReporter } from './run-reporter.ts';

/** `llmops run`: executes a notebook without an editor. */
export const run: Command = {
  summary: 'run a notebook from top to bottom and write it with its outputs',
  help: `Usage: llmops run NOTEBOOK [-p NAME=VALUE]... [-o OUT.ipynb] [--report OUT.html] [--allow-errors]

Runs the code cells in order in a kernel of its own, in the notebook's folder. Stops at the first cell that fails
(exit code 1), unless the cell is tagged "raises-exception". Type errors are told, and keep jobs from starting.
Ctrl+C interrupts the running cell; a second Ctrl+C ends the kernel.

  -p, --parameter NAME=VALUE   set a parameter (papermill's cell tags "parameters" and "injected-parameters")
  -o, --output OUT.ipynb       where the executed notebook goes; default: NOTEBOOK.executed.ipynb beside it
      --report OUT.html        also write a self-contained report of the executed notebook
      --allow-errors           run the cells behind one that fails too`,
  run: runCommand,
};

async function runCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { file, output, report, parameters, allowErrors } = readArguments(args, io.folder);
  const notebook = injectParameters(await readNotebook(file), parameters);
  const reporter = createRunReporter(io, path.basename(file));
  const kernel = await startKernel({ distFolder: distFolder(), folder: path.dirname(file), notebook: file });
  let interrupts = 0;
  const onInterrupt = () => {
    if (++interrupts === 1) kernel.send({ method: 'interrupt' });
    else kernel.process.kill('SIGKILL');
  };
  process.on('SIGINT', onInterrupt);
  try {
    const succeeded = await runCells(notebook, kernel, reporter, { allowErrors });
    await writeNotebook(output, notebook);
    reporter.end(succeeded, path.relative(io.folder, output));
    if (report !== undefined) await writeRunReport(output, report, io);
    return succeeded ? 0 : 1;
  } catch (error) {
    await writeNotebook(output, notebook);
    throw error;
  } finally {
    process.off('SIGINT', onInterrupt);
    await kernel.close();
  }
}

async function writeRunReport(notebook: string, out: string, io: CommandIo): Promise<void> {
  const { writeReport } = await import('../../magics/reports/index.ts');
  const { file } = await writeReport({ notebook, out, folder: io.folder });
  io.stdout(`Report: ${path.relative(io.folder, file)}\n`);
}

function readArguments(args: readonly string[], folder: string) {
  const { values, positionals } = parseArguments(args, options, { min: 1, max: 1 });
  const file = path.resolve(folder, positionals[0]!);
  const output = values.output ?? file.replace(/(\.ipynb)?$/, '.executed.ipynb');
  const parameters: Parameters = Object.fromEntries((values.parameter ?? []).map(readParameter));
  const allowErrors = values['allow-errors'];
  return { file, output: path.resolve(folder, output), report: values.report, parameters, allowErrors };
}

const options = {
  parameter: { type: 'string', short: 'p', multiple: true },
  output: { type: 'string', short: 'o' },
  report: { type: 'string' },
  'allow-errors': { type: 'boolean' },
} as const;
