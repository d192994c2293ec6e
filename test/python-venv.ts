import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A program of a virtual environment: `python`, `jupyter`, `mlflow`. */
export function venvProgram(folder: string, name: string): string {
  return process.platform === 'win32' ? path.join(folder, 'Scripts', `${name}.exe`) : path.join(folder, 'bin', name);
}

/**
 * Puts what a requirements file asks of PyPI into a virtual environment, unless it is there.
 * Throws where there is no Python that makes virtual environments, or no PyPI.
 */
export function makeVenv(folder: string, requirements: string, what: string): void {
  const marker = path.join(folder, 'requirements.txt');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return;
  process.stdout.write(`Getting ${what} from PyPI ...\n`);
  rmSync(folder, { recursive: true, force: true });
  run(findPython(), ['-m', 'venv', folder]);
  run(venvProgram(folder, 'python'), ['-m', 'pip', 'install', '--quiet', '--retries', '2', '-r', requirements]);
  writeFileSync(marker, wanted);
}

function findPython(): string {
  const python = ['python3', '/usr/bin/python3', 'python'].find(
    (name) => spawnSync(name, ['-c', 'import ensurepip, venv'], { stdio: 'ignore' }).status === 0,
  );
  if (python === undefined) throw new Error('No python3 that makes virtual environments was found.');
  return python;
}

function run(program: string, args: readonly string[]): void {
  execFileSync(program, args, { stdio: 'inherit', env: { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1' } });
}
