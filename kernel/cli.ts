import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isUserError, suggestion } from '../magics/errors.ts';
import { type Command, type CommandIo, UsageError } from './commands/command.ts';

/** Commands by name, loaded when asked for so that `llmops models` starts fast. */
const commands: Record<string, () => Promise<Command>> = {
  run: async () => (await import('./commands/run.ts')).run,
  kernel: async () => (await import('./commands/kernel.ts')).kernel,
  datasets: async () => (await import('./commands/records.ts')).datasets,
  prompts: async () => (await import('./commands/records.ts')).prompts,
  models: async () => (await import('./commands/records.ts')).models,
  runs: async () => (await import('./commands/records.ts')).runs,
  evals: async () => (await import('./commands/records.ts')).evals,
  deployments: async () => (await import('./commands/records.ts')).deployments,
  show: async () => (await import('./commands/show.ts')).show,
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
    if (!isUserError(error)) throw error;
    io.stderr(`llmops ${name}: ${error.message}\n`);
    return 1;
  }
}

async function usage(): Promise<string> {
  const lines = await Promise.all(
    Object.entries(commands).map(async ([name, load]) => `  ${name.padEnd(14)}${(await load()).summary}`),
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
