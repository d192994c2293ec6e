import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stoppedByDisk } from '../magics/disk-failure.ts';
import { isUserError, suggestion } from '../magics/errors.ts';
import { type Command, type CommandIo, UsageError } from './commands/command.ts';

/** Commands by name, loaded when asked for so that `llmops models` starts fast. */
const commands: Record<string, () => Promise<Command>> = {
  init: async () => (await import('./commands/init.ts')).init,
  run: async () => (await import('./commands/run.ts')).run,
  kernel: async () => (await import('./commands/kernel.ts')).kernel,
  datasets: async () => (await import('./commands/datasets.ts')).datasets,
  prompts: async () => (await import('./commands/records.ts')).prompts,
  models: async () => (await import('./commands/records.ts')).models,
  runs: async () => (await import('./commands/records.ts')).runs,
  evals: async () => (await import('./commands/records.ts')).evals,
  deployments: async () => (await import('./commands/records.ts')).deployments,
  show: async () => (await import('./commands/show.ts')).show,
  promote: async () => (await import('./commands/stages.ts')).promote,
  rollback: async () => (await import('./commands/stages.ts')).rollback,
  deprecate: async () => (await import('./commands/stages.ts')).deprecate,
  approve: async () => (await import('./commands/stages.ts')).approve,
  history: async () => (await import('./commands/stages.ts')).history,
  audit: async () => (await import('./commands/audit.ts')).audit,
  export: async () => (await import('./commands/export.ts')).exportCommand,
  push: async () => (await import('./commands/objects.ts')).push,
  pull: async () => (await import('./commands/objects.ts')).pull,
  gc: async () => (await import('./commands/objects.ts')).gc,
  mlflow: async () => (await import('./commands/mlflow.ts')).mlflow,
  'merge-file': async () => (await import('./commands/merge.ts')).mergeFile,
  'clean-notebook': async () => (await import('./commands/merge.ts')).cleanNotebookCommand,
  report: async () => (await import('./commands/report.ts')).report,
  verify: async () => (await import('./commands/verify.ts')).verify,
  jobs: async () => (await import('./commands/jobs.ts')).jobs,
};

/** Runs `llmops ARGS` and resolves to its exit code. */
export async function runCli(args: readonly string[], io: CommandIo): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h') {
    io.stdout(await usage());
    return name === undefined ? 2 : 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) {
    io.stderr(`llmops: there is no command "${name}".${suggestion(name, Object.keys(commands), 'Commands')}\n`);
    return 2;
  }
  const command = await load();
  if (rest.includes('--help') || rest.includes('-h')) {
    io.stdout(`${command.help}\n`);
    return 0;
  }
  try {
    return await command.run(rest, io);
  } catch (error) {
    if (error instanceof UsageError) {
      io.stderr(`llmops ${name}: ${error.message}\n\n${command.help}\n`);
      return 2;
    }
    const shown = isUserError(error) ? error : stoppedByDisk(`llmops ${name}`, error);
    if (shown === undefined) throw error;
    io.stderr(`llmops ${name}: ${shown.message}\n`);
    return 1;
  }
}

async function usage(): Promise<string> {
  const lines = await Promise.all(
    Object.entries(commands).map(async ([name, load]) => `  ${name.padEnd(16)}${(await load()).summary}`),
  );
  return `Usage: llmops COMMAND [OPTIONS]\n\n${lines.join('\n')}\n\nllmops COMMAND --help says more.\n`;
}

process.exitCode = await runCli(process.argv.slice(2), {
  folder: process.cwd(),
  distFolder: path.dirname(fileURLToPath(import.meta.url)),
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  terminal: process.stdout.isTTY === true,
});
