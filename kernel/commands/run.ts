import path from 'node:path';
import { parseArgs } from 'node:util';
import { startKernel } from '../client.ts';
import { distFolder } from '../dist-folder.ts';
import { readNotebook, writeNotebook } from '../notebook/notebook.ts';
import { injectParameters, type Parameters, readParameter } from '../notebook/parameters.ts';
import { runCells } from '../notebook/run-cells.ts';
import { type Command, type CommandIo, UsageError } from './command.ts';
import { createRunReporter } from './run-reporter.ts';

/** `llmops run`: executes a notebook without an editor. */
export const run: Command = {
  summary: 'run a notebook from top to bottom and write it with its outputs',
  help: `Usage: llmops run NOTEBOOK [-p NAME=VALUE]... [-o OUT.ipynb]

Runs the code cells in order in a kernel of its own, in the notebook's folder. Stops at the first cell that fails
(exit code 1). Ctrl+C interrupts the running cell; a second Ctrl+C ends the kernel.

  -p, --parameter NAME=VALUE   set a parameter (papermill's cell tags "parameters" and "injected-parameters")
  -o, --output OUT.ipynb       where the executed notebook goes; default: NOTEBOOK.executed.ipynb beside it`,
  run: runCommand,
};

async function runCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { file, output, parameters } = readArguments(args, io.folder);
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
    const succeeded = await runCells(notebook, kernel, reporter);
    await writeNotebook(output, notebook);
    reporter.end(succeeded, path.relative(io.folder, output));
    return succeeded ? 0 : 1;
  } catch (error) {
    await writeNotebook(output, notebook);
    throw error;
  } finally {
    process.off('SIGINT', onInterrupt);
    await kernel.close();
  }
}

function readArguments(args: readonly string[], folder: string) {
  const { values, positionals } = parse(args);
  const [notebook, ...more] = positionals;
  if (notebook === undefined) throw new UsageError('Which notebook?');
  if (more.length > 0) throw new UsageError(`One notebook at a time, not also "${more[0]}".`);
  const file = path.resolve(folder, notebook);
  const output = values.output ?? file.replace(/(\.ipynb)?$/, '.executed.ipynb');
  const parameters: Parameters = Object.fromEntries((values.parameter ?? []).map(readParameter));
  return { file, output: path.resolve(folder, output), parameters };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        parameter: { type: 'string', short: 'p', multiple: true },
        output: { type: 'string', short: 'o' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
