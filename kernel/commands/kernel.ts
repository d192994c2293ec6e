import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { UserError } from '../../magics/errors.ts';
import { distFolder } from '../dist-folder.ts';
import { type Command, type CommandIo, UsageError } from './command.ts';
import { forgetPapermill, teachPapermill } from './papermill.ts';
import { parseArguments } from './parse-arguments.ts';

const kernelName = 'llmops';
const python = 'python3';

/** `llmops kernel`: makes the kernel known to Jupyter, and unknown again. */
export const kernel: Command = {
  summary: 'install or uninstall the kernel for Jupyter clients',
  help: `Usage: llmops kernel install [--user | --prefix DIR | --sys-prefix]
       llmops kernel uninstall [--user | --prefix DIR | --sys-prefix]

  --user         for this user (the default)
  --prefix DIR   below DIR/share/jupyter
  --sys-prefix   below the prefix of the python3 on the PATH: an active virtual or conda environment;
                 if papermill is there, it learns to write parameters in TypeScript`,
  run: runCommand,
};

async function runCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { verb, folder, sysPrefix } = readArguments(args, io.folder);
  if (verb === 'install') {
    installKernelspec(folder);
    io.stdout(`Installed the kernel "${kernelName}" in ${folder}\n`);
    if (sysPrefix && teachPapermill(python, distFolder())) io.stdout('Papermill can pass parameters to it.\n');
    return 0;
  }
  if (!existsSync(folder)) throw notInstalled(folder);
  rmSync(folder, { recursive: true });
  if (sysPrefix) forgetPapermill(python);
  io.stdout(`Removed ${folder}\n`);
  return 0;
}

/** The kernelspec, as `kernel.json` has it. */
export function kernelspec(dist: string): Record<string, unknown> {
  const argv = [process.execPath, '--no-force-async-hooks-checks', path.join(dist, 'kernel.js')];
  return {
    argv: [...argv, '--connection-file', '{connection_file}'],
    display_name: 'TypeScript (LLMOps)',
    language: 'typescript',
    interrupt_mode: 'message',
    metadata: { debugger: false },
  };
}

function installKernelspec(folder: string): void {
  const dist = distFolder();
  mkdirSync(folder, { recursive: true });
  cpSync(path.join(dist, 'kernelspec'), folder, { recursive: true });
  writeFileSync(path.join(folder, 'kernel.json'), `${JSON.stringify(kernelspec(dist), null, 2)}\n`);
}

interface Arguments {
  verb: 'install' | 'uninstall';
  /** Folder of the kernelspec. */
  folder: string;
  sysPrefix: boolean;
}

function readArguments(args: readonly string[], cwd: string): Arguments {
  const { values, positionals } = parseArguments(args, options, { min: 1, max: 1 });
  const [verb, ...more] = positionals;
  if ((verb !== 'install' && verb !== 'uninstall') || more.length > 0)
    throw new UsageError('Say install or uninstall.');
  const chosen = Object.keys(values);
  if (chosen.length > 1) throw new UsageError(`Choose one of --${chosen.join(', --')}.`);
  const { prefix, 'sys-prefix': sysPrefix = false } = values;
  const sharedBelow = prefix === undefined ? undefined : path.resolve(cwd, prefix);
  const base = sysPrefix ? pythonPrefix() : sharedBelow;
  const data = base === undefined ? userDataFolder() : path.join(base, 'share', 'jupyter');
  return { verb, folder: path.join(data, 'kernels', kernelName), sysPrefix };
}

const options = {
  user: { type: 'boolean' },
  prefix: { type: 'string' },
  'sys-prefix': { type: 'boolean' },
} as const;

/** Jupyter's data folder of this user, by its own rules. */
function userDataFolder(): string {
  const { JUPYTER_DATA_DIR, XDG_DATA_HOME, APPDATA } = process.env;
  if (JUPYTER_DATA_DIR) return JUPYTER_DATA_DIR;
  if (process.platform === 'darwin') return path.join(homedir(), 'Library', 'Jupyter');
  if (process.platform === 'win32') return path.join(APPDATA ?? homedir(), 'jupyter');
  return path.join(XDG_DATA_HOME || path.join(homedir(), '.local', 'share'), 'jupyter');
}

function pythonPrefix(): string {
  try {
    return execFileSync(python, ['-c', 'import sys; print(sys.prefix)'], { encoding: 'utf8' }).trim();
  } catch (error) {
    throw noPython(error);
  }
}

function noPython(cause: unknown): UserError {
  return new UserError('--sys-prefix needs a python3 on the PATH. Use --user or --prefix DIR.', { cause });
}

function notInstalled(folder: string): UserError {
  return new UserError(`The kernel is not installed in ${folder}. See --user, --prefix and --sys-prefix.`);
}
