import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { jupyterProgram } from './venv.ts';

const execute = promisify(execFile);

export interface InstalledKernel {
  /** An empty folder, with a space in its path, below which the kernelspec is. */
  readonly prefix: string;
  /** What a Jupyter program needs to find the kernel, and nothing else of this user. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs a program of the virtual environment in `prefix`. */
  run(program: string, args: readonly string[], options?: { cwd?: string; timeoutMs?: number }): Promise<Output>;
  remove(): void;
}

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `llmops kernel ARGS`. */
export function llmopsKernel(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Output> {
  return execute(process.execPath, ['dist/cli.js', 'kernel', ...args], { env });
}

/** Installs the built kernel below a fresh prefix. */
export async function installKernel(): Promise<InstalledKernel> {
  const prefix = mkdtempSync(path.join(tmpdir(), 'llmops jupyter '));
  await llmopsKernel(['install', '--prefix', prefix]);
  const own = (name: string) => path.join(prefix, name);
  const env = {
    ...process.env,
    JUPYTER_PATH: own('share/jupyter'),
    JUPYTER_CONFIG_DIR: own('config'),
    JUPYTER_DATA_DIR: own('data'),
    JUPYTER_RUNTIME_DIR: own('runtime'),
    XDG_DATA_HOME: own('xdg'),
    JUPYTER_PLATFORM_DIRS: '1',
    PYDEVD_DISABLE_FILE_VALIDATION: '1',
  };
  return {
    prefix,
    env,
    run: (program, args, { cwd = prefix, timeoutMs = 120_000 } = {}) =>
      execute(jupyterProgram(program), [...args], { env, cwd, timeout: timeoutMs, maxBuffer: 2 ** 26 }),
    remove: () => rmSync(prefix, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
}
