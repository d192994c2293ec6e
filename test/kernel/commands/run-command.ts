import type { Command, CommandIo } from '../../../kernel/commands/command.ts';

/** Runs a command in a folder and gives its exit code and what it printed. */
export async function runCommand(
  command: Command,
  args: readonly string[],
  io: Pick<CommandIo, 'folder'> & Partial<CommandIo>,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const printed = { stdout: '', stderr: '' };
  const code = await command.run(args, {
    distFolder: 'dist',
    terminal: false,
    stdout: (text) => {
      printed.stdout += text;
    },
    stderr: (text) => {
      printed.stderr += text;
    },
    ...io,
  });
  return { code, ...printed };
}
